"""`bearman expected_import`: take the list of expected machines from a CSV file."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bearman.lib.errors import BearmanError
from nodes.expected.csv_text import MAX_BYTES
from nodes.services.expected_import import ImportPlan, expected_check, expected_import


class Command(BaseCommand):
    """Check a file, and import it if it has no fault: all of it or nothing."""

    help = (
        "Import what should arrive from a CSV file. The first line names the columns; only "
        "`serial` must be there. Doing it twice is safe."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the file and how far to go."""
        parser.add_argument("file", help="the CSV file, or - for standard input")
        parser.add_argument("--dry-run", action="store_true", help="say what it would do only")
        parser.add_argument("--as", dest="actor", default="console", help="whose name it is under")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import it and say what changed; each fault is one line on standard error."""
        data = _read(options["file"])
        plan = expected_check(data=data)
        if not plan.is_good:
            self._tell_faults(plan)
        if options["dry_run"]:
            self._tell_changes(plan)
            self.stdout.write(f"It would be: {plan.words}")
            return
        try:
            plan = expected_import(data=data, actor=options["actor"])
        except BearmanError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Imported: {plan.words}")
        if plan.linked:
            self.stdout.write(f"{plan.linked} of them had registered already.")

    def _tell_faults(self, plan: ImportPlan) -> None:
        for problem in plan.reading.problems:
            self.stderr.write(str(problem))
        raise CommandError(f"{plan.reading.faults} faults; nothing was imported.")

    def _tell_changes(self, plan: ImportPlan) -> None:
        for row in plan.new:
            self.stdout.write(f"new: {row} {row.place}".rstrip())
        for change in plan.changed:
            self.stdout.write(f"line {change.line}: {change.row}: {'; '.join(change.words)}")


def _read(name: str) -> bytes:
    """Return the file, or one byte more than is taken of it."""
    try:
        if name == "-":
            return sys.stdin.buffer.read(MAX_BYTES + 1)
        with Path(name).open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error.strerror}.") from error
