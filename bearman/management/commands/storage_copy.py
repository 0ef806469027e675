"""`bearman storage_copy`: bring files along to another storage."""

import time
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.core.management.base import BaseCommand, CommandError

from bearman import storage
from bearman.lib.errors import BearmanError
from bearman.storage.folder import Folder
from bearman.storage.migration import file_copy
from bearman.storage.store import Stored


class Command(BaseCommand):
    """Copy what machines fetch from a folder into the storage of the settings."""

    help = (
        "Copy images, scripts and firmware from the folder of a local storage into the storage "
        "that the settings name now, such as a new bucket. Each file is read back and compared. "
        "What is there already stays; so it can be stopped and started again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add --from."""
        parser.add_argument(
            "--from",
            dest="source",
            type=Path,
            default=Path(settings.MEDIA_ROOT),
            metavar="FOLDER",
            help="the folder (default: `files` in the data folder)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Copy, with a line for each file."""
        source = Folder(FileSystemStorage(location=options["source"]))
        target = storage.current()
        if target.words == source.words:
            raise CommandError(f"The storage is {target.words} itself: there is nothing to copy.")
        if not options["source"].is_dir():
            raise CommandError(f"There is no folder {options['source']}.")
        copied = total = 0
        begun = time.monotonic()
        try:
            for total, file in enumerate(_files(source), 1):  # noqa: B007
                fresh = file_copy(file.path, source=source, target=target)
                copied += fresh
                self.stdout.write(f"{'copied' if fresh else 'there '} {file.size:>14,} {file.path}")
        except BearmanError as error:
            raise CommandError(f"After {copied} files: {error}") from error
        seconds = time.monotonic() - begun
        self.stdout.write(
            f"{copied} of {total} files copied to {target.words} in {seconds:.1f} s; all are there."
        )


def _files(source: Folder) -> Iterator[Stored]:
    for prefix in storage.PUBLIC:
        yield from source.listed(prefix)
