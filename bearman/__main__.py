"""`python -m bearman COMMAND` and the `bearman` program: the management commands."""

import os
import signal
import sys

from django.core.management import execute_from_command_line
from environs import EnvError


def main() -> None:
    """Run one management command, as `manage.py` does.

    Until a command handles SIGTERM itself, it ends the program as an error does: what runs at the
    end of a program still runs, and the last user of the embedded PostgreSQL stops it.
    """
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bearman.settings")
    try:
        execute_from_command_line(sys.argv)
    except EnvError as error:
        sys.exit(f"{error} docs/configuration.md explains each setting.")


if __name__ == "__main__":
    main()
