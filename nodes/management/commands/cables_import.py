"""`bearman cables_import`: write the list of cables from a CSV file."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bearman.lib.errors import BearmanError
from nodes.services.cables import cables_import


class Command(BaseCommand):
    """Import cables, all lines of a file or none."""

    help = (
        "Import cables from CSV: rack,unit,serial,interface,switch,port,speed,vlan,mtu. All lines "
        "or none are written, and twice is the same as once."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the file and how to take it."""
        parser.add_argument("file", help="the CSV file; - for standard input")
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")
        parser.add_argument(
            "--replace", action="store_true", help="remove cables that are not in the file"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, and say what came of it."""
        name = options["file"]
        try:
            data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
            text = data.decode("utf-8-sig")
            done = cables_import(text=text, replace=options["replace"], dry_run=options["dry_run"])
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{name} cannot be read: {error}") from error
        except BearmanError as error:
            raise CommandError(str(error)) from error
        if done.errors:
            raise CommandError("\n".join([*map(str, done.errors), str(done)]))
        self.stdout.write(f"{'Would be: ' if options['dry_run'] else ''}{done}")
