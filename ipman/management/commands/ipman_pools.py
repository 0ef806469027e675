"""`manage.py ipman_pools`: the pools and their use, for people and for programs."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from rich.console import Console
from rich.table import Table

from ipman.selectors import PoolUsage, pool_usages

_WIDTH_OF_A_FILE = 200  # characters; a terminal has its own


class Command(BaseCommand):
    """Writes to standard output."""

    help = "List pools with their use."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--zone", default="", help="only this availability zone")
        parser.add_argument("--json", action="store_true", help="one JSON object a line")

    def handle(self, *args: Any, **options: Any) -> None:
        """List the pools."""
        usages = pool_usages(zone=options["zone"])
        if options["json"]:
            for usage in usages:
                self.stdout.write(json.dumps(_as_json(usage)))
        elif usages:
            width = None if self.stdout.isatty() else _WIDTH_OF_A_FILE
            console = Console(file=self.stdout, width=width)  # type: ignore[arg-type]
            console.print(_table(usages))
        else:
            self.stdout.write("There is no pool yet; make one with ipman_pool_create.")


def _as_json(usage: PoolUsage) -> dict[str, Any]:
    pool = usage.pool
    return {
        "name": pool.name,
        "zone": pool.zone,
        "purpose": pool.purpose,
        "first": pool.first,
        "last": pool.last,
        "prefix_length": pool.prefix_length,
        "gateway": pool.gateway,
        "vlan_id": pool.vlan_id,
        "enabled": pool.enabled,
        "capacity": usage.capacity,
        "used": usage.used,
        "resting": usage.resting,
        "percent": usage.percent,
        "nearly_full": usage.nearly_full,
        "exhausted": usage.exhausted,
    }


def _table(usages: list[PoolUsage]) -> Table:
    table = Table("Pool", "Zone", "Purpose", "Range", "VLAN", box=None)
    for heading in ("Used", "Resting", "Capacity", "Use"):
        table.add_column(heading, justify="right")
    for usage in usages:
        pool = usage.pool
        table.add_row(
            pool.name,
            pool.zone,
            pool.purpose,
            f"{pool.first} to {pool.last}/{pool.prefix_length}",
            str(pool.vlan_id or ""),
            str(usage.used),
            str(usage.resting),
            str(usage.capacity),
            f"{usage.percent} %{' !' if usage.nearly_full else ''}",
        )
    return table
