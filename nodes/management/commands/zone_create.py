"""`bearman zone_create`: make an availability zone."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from nodes.services.zones import zone_ensure


class Command(BaseCommand):
    """Make an availability zone, or set the networks of one that is there."""

    help = "Make an availability zone with its provisioning networks. Doing it twice is safe."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the name and the networks."""
        parser.add_argument("name", help="short name: letters, digits, `-` and `_`")
        parser.add_argument(
            "--network", action="append", default=[], help="such as 10.1.0.0/16; may be repeated"
        )
        parser.add_argument("--description", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it and say so."""
        try:
            zone, created = zone_ensure(
                name=options["name"],
                networks=options["network"],
                description=options["description"],
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"Zone {zone} {'made' if created else 'was there'}.")
