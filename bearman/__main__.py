"""`python -m bearman COMMAND` and the `bearman` program: the management commands."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    """Run one management command, as `manage.py` does."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bearman.settings")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
