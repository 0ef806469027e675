"""The WSGI application that a web server runs."""

import os
import signal

from django.core.wsgi import get_wsgi_application

from bearman.lib import parent

# A granian that is killed must not leave workers that answer on its port; they heed no SIGTERM.
parent.follow(signal.SIGKILL)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bearman.settings")
application = get_wsgi_application()
