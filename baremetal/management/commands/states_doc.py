"""`bearman states_doc`: the statuses and their table as a page."""

from typing import Any

from django.core.management.base import BaseCommand

from baremetal.services.status import LIMITS
from baremetal.states_doc import part
from nodes.states_doc import page


class Command(BaseCommand):
    """Print docs/states.md."""

    help = "Print the page of statuses, states and transitions that docs/states.md holds."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Print it."""
        self.stdout.write(page() + part(LIMITS), ending="")
