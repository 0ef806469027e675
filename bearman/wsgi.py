"""The WSGI application that a web server runs."""

import os
import signal

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from bearman.lib import parent, postgres

# A granian that is killed must not leave workers that answer on its port; they heed no SIGTERM.
parent.follow(signal.SIGKILL)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bearman.settings")
application = get_wsgi_application()
if not settings.DATABASE_URL:
    postgres.leave(settings.DATA_DIR)  # so ended, a worker cannot say that it is gone
