"""`bearman web`: the web server with the Admin and the machines' HTTP door."""

import os
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from bearman.lib import parent, postgres
from bearman.lib.ports import split_bind


class Command(BaseCommand):
    """Serve HTTP on BEARMAN_WEB_BIND with granian."""

    help = "Run the web server. `bearman up` starts it with all the rest."

    def handle(self, *args: Any, **options: Any) -> None:
        """Become granian, so that signals reach it as they are."""
        parent.follow()
        try:
            host, port = split_bind(settings.WEB_BIND)
        except ValueError as error:
            raise CommandError(f"BEARMAN_WEB_BIND: {error}") from error
        command = [
            *(sys.executable, "-m", "granian", "bearman.wsgi:application"),
            *("--interface", "wsgi", "--host", host, "--port", str(port)),
            *("--workers", str(settings.WEB_PROCESSES), "--blocking-threads", "4"),
            *("--respawn-failed-workers", "--no-access-log", "--log-level", "warning"),
            *_mount("/static", Path(settings.STATIC_ROOT)),
        ]
        if not settings.S3_ENDPOINT:
            # Not Django's work: a rack that fetches images would hold every thread, and with them
            # the door at which machines ask what to boot.
            command += _mount("/files", Path(settings.MEDIA_ROOT))
        if not settings.DATABASE_URL:
            postgres.leave(settings.DATA_DIR)
        os.environ |= parent.environment()  # granian's workers follow it, as it follows us
        os.execv(sys.executable, command)  # noqa: S606, no shell is wanted


def _mount(route: str, folder: Path) -> list[str]:
    """Return the options by which granian itself serves a folder, which must exist."""
    folder.mkdir(parents=True, exist_ok=True)
    return ["--static-path-route", route, "--static-path-mount", str(folder)]
