"""`bearman files`: the file server for machines."""

import os
import resource
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from bearman import files
from bearman.lib import granian, parent, postgres

DESCRIPTORS = 16_384  # a download needs two
MANY = ["--no-ws", "--http", "1", "--backlog", "4096", "--backpressure", "4096"]


class Command(BaseCommand):
    """Serve the local storage on BEARMAN_FILES_BIND with granian."""

    help = (
        "Serve boot scripts, firmware and images from the data folder. `bearman up` starts it with "
        "all the rest, unless BEARMAN_FILES_BIND is empty or the files are in S3."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Become granian; it needs no database from here on."""
        parent.follow()
        if not settings.FILES_HERE:
            raise CommandError(
                "There is nothing to serve here: BEARMAN_S3_ENDPOINT is set, or BEARMAN_FILES_BIND "
                "is empty because another server has the files."
            )
        try:
            command = granian.command(
                "bearman.files:application",
                interface="asginl",
                bind=settings.FILES_BIND,
                workers=settings.FILES_PROCESSES,
            )
        except ValueError as error:
            raise CommandError(f"BEARMAN_FILES_BIND: {error}") from error
        folder = Path(settings.MEDIA_ROOT)
        folder.mkdir(parents=True, exist_ok=True)
        os.environ[files.FOLDER] = str(folder)
        _allow_many_downloads()
        if not settings.DATABASE_URL:
            postgres.finish(settings.DATA_DIR)
        granian.become([*command, *MANY])


def _allow_many_downloads() -> None:
    """Raise the limit on open files, which is often 1024, as far as the system lets us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
