"""`bearman reparse_inventory`: read the stored raw inventories again."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bearman.lib.errors import BearmanError
from nodes import selectors
from nodes.services.reparse import node_reparse


class Command(BaseCommand):
    """Parse what nodes sent with the parser of today."""

    help = (
        "Parse the stored raw inventory of all nodes (or of those named) again. Identity, status "
        "and address stay as they are. May be interrupted and run again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the nodes."""
        parser.add_argument("nodes", nargs="*", help="id, UUID, serial, BMC address or MAC")

    def handle(self, *args: Any, **options: Any) -> None:
        """Parse each, say what changed, and end with a count."""
        try:
            ids = [selectors.node_find(name=name).pk for name in options["nodes"]]
        except BearmanError as error:
            raise CommandError(str(error)) from error
        read = changed = failed = 0
        for raw_id in ids or selectors.raw_inventory_ids():
            try:
                columns = node_reparse(raw_id=raw_id)
            except BearmanError as error:
                failed += 1
                self.stderr.write(f"node {raw_id}: {error}")
                continue
            read += 1
            if columns:
                changed += 1
                self.stdout.write(f"node {raw_id}: {', '.join(columns)}")
        self.stdout.write(f"{read} parsed, {changed} changed, {failed} failed.")
        if failed:
            raise CommandError(f"{failed} could not be parsed; they are as they were.")
