"""`python -m bearman COMMAND` and the `bearman` program: the management commands."""

import os
import sys

from django.core.management import execute_from_command_line
from environs import EnvError


def main() -> None:
    """Run one management command, as `manage.py` does."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bearman.settings")
    try:
        execute_from_command_line(sys.argv)
    except EnvError as error:
        sys.exit(f"{error} docs/configuration.md explains each setting.")


if __name__ == "__main__":
    main()
