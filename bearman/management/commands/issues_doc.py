"""`bearman issues_doc`: the issue catalogue as a page."""

from typing import Any

from django.core.management.base import BaseCommand

from bearman.lib.issues.page import page


class Command(BaseCommand):
    """Print docs/issues.md."""

    help = "Print the page of everything that Bearman finds or fails at that docs/issues.md holds."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Print it."""
        self.stdout.write(page(), ending="")
