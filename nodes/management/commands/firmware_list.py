"""`bearman firmware_list`: the firmware baselines, and how many nodes are where they should be."""

from typing import Any

from django.core.management.base import BaseCommand

from nodes.firmware_overview import baselines_counted


class Command(BaseCommand):
    """List the firmware baselines."""

    help = "List the firmware baselines with how many nodes are up to date, behind or unknown."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line for each."""
        rows = baselines_counted()
        if not rows:
            self.stdout.write("There are no firmware baselines; see `bearman firmware_add --help`.")
        for baseline, count in rows:
            self.stdout.write(
                f"{baseline.name:<32} {baseline.component:<5} {baseline.wanted_words:<28} "
                f"{baseline.mode:<8} {count.words}"
            )
