"""`bearman storage_check`: does the storage do all that Bearman and its machines need?"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bearman import storage
from bearman.lib.errors import BearmanError
from bearman.storage.trial import Trial, Tried

LARGEST = 4096  # MiB, all of it in memory


class Command(BaseCommand):
    """Store a file, fetch it as machines do, and remove it, with a line for each step."""

    help = (
        "Try all that Bearman and its machines need of the storage: store a file, fetch it at the "
        "address that machines get, resume, upload, move and delete. Nothing stays there. Ends "
        "with 1 where something is wrong, and says what to do."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add --mib."""
        parser.add_argument(
            "--mib", type=int, default=20, help="size of the file in MiB (default: 20)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Try it."""
        if not 1 <= options["mib"] <= LARGEST:
            raise CommandError(f"--mib is 1 to {LARGEST}.")
        store = storage.current()
        self.stdout.write(f"The storage is {store.words}.")
        bad = 0
        try:
            size = options["mib"] * 2**20
            trial = Trial(store, size=size, public=storage.PUBLIC[0], incoming=storage.INCOMING)
            for tried in trial.run():
                self._tell(tried)
                bad += bool(tried.problem)
        except BearmanError as error:
            raise CommandError(str(error)) from error
        if bad:
            raise CommandError("The storage cannot be used as it is.")
        self.stdout.write("The storage does all that Bearman and its machines need.")

    def _tell(self, tried: Tried) -> None:
        word = "FAIL" if tried.problem else "ok"
        self.stdout.write(f"{word:4} {tried.seconds * 1000:8.0f} ms  {tried.what}")
        if tried.problem:
            self.stdout.write(f"     {tried.problem}")
