"""`bearman expected_export`: the list of expected machines as a CSV file."""

from typing import Any

from django.core.management.base import BaseCommand

from nodes.services.expected_import import expected_lines


class Command(BaseCommand):
    """Write the list to standard output, as `expected_import` takes it."""

    help = "Write the list of expected machines as CSV; `bearman expected_import` takes it again."

    def handle(self, *args: Any, **options: Any) -> None:
        """Write it line by line."""
        for line in expected_lines():
            self.stdout.write(line, ending="")
