"""`bearman worker`: work in the background."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from bearman.lib import parent


class Command(BaseCommand):
    """Run procrastinate's worker with Bearman's settings."""

    help = "Run one worker process. Several may run, on as many machines as you like."

    def handle(self, *args: Any, **options: Any) -> None:
        """Work until SIGTERM or Ctrl-C."""
        parent.follow()
        call_command(
            "procrastinate",
            "worker",
            "--concurrency",
            str(settings.WORKER_CONCURRENCY),
            "--delete-jobs",
            "successful",
            "--shutdown-graceful-timeout",
            "8",
        )
