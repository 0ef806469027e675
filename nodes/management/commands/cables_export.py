"""`bearman cables_export`: print the list of cables as CSV."""

from typing import Any

from django.core.management.base import BaseCommand

from nodes.services.cables import cables_export


class Command(BaseCommand):
    """Print all cables, one line each."""

    help = "Print the list of cables as CSV, as `bearman cables_import` reads it."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print it."""
        self.stdout.write(cables_export(), ending="")
