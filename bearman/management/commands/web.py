"""`bearman web`: the web server with the Admin and the machines' HTTP door."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from bearman.lib import granian, parent, postgres


class Command(BaseCommand):
    """Serve HTTP on BEARMAN_WEB_BIND with granian."""

    help = "Run the web server. `bearman up` starts it with all the rest."

    def handle(self, *args: Any, **options: Any) -> None:
        """Become granian."""
        parent.follow()
        try:
            command = granian.command(
                "bearman.wsgi:application",
                interface="wsgi",
                bind=settings.WEB_BIND,
                workers=settings.WEB_PROCESSES,
            )
        except ValueError as error:
            raise CommandError(f"BEARMAN_WEB_BIND: {error}") from error
        static = Path(settings.STATIC_ROOT)
        static.mkdir(parents=True, exist_ok=True)
        command += ["--static-path-route", "/static", "--static-path-mount", str(static)]
        if not settings.DATABASE_URL:
            postgres.leave(settings.DATA_DIR)
        granian.become([*command, "--blocking-threads", "4"])
