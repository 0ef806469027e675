"""`bearman parse_dmidecode`: what the parser makes of dumps."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from nodes.inventory import parse_dmidecode


class Command(BaseCommand):
    """Print one JSON object a line for each dump."""

    help = "Parse dumps of dmidecode and print one JSON object a line for each file."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the files."""
        parser.add_argument("files", nargs="+", metavar="FILE", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Parse each file; those that cannot be read are told at the end."""
        unreadable = []
        for path in options["files"]:
            try:
                text = path.read_bytes()
            except OSError as error:
                unreadable.append(f"{path}: {error.strerror}")
                continue
            self.stdout.write(json.dumps({"file": str(path)} | parse_dmidecode(text).as_dict()))
        if unreadable:
            raise CommandError("Not read: " + "; ".join(unreadable))
