"""`manage.py ipman_pool_create`: makes a pool from the command line."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from bearman.lib.addresses import address_or_none
from bearman.lib.errors import BearmanError
from ipman.models import Pool, Purpose, ReservedRange
from ipman.services import pool_save, reserved_range_save

_FIELDS = ("zone", "purpose", "first", "last", "prefix_length", "gateway", "vlan_id")


class Command(BaseCommand):
    """Doing it twice is no error; where a pool of that name differs, nothing is changed."""

    help = "Make a pool of addresses; one that exists with the same values is left as it is."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("name")
        parser.add_argument("--zone", required=True, help="availability zone's short name")
        parser.add_argument("--purpose", required=True, choices=Purpose.values)
        parser.add_argument("--first", required=True, help="first address")
        parser.add_argument("--last", required=True, help="last address")
        parser.add_argument("--prefix-length", required=True, type=int, help="such as 24")
        parser.add_argument("--gateway", help="never handed out")
        parser.add_argument("--vlan", dest="vlan_id", type=int, help="1 to 4094")
        parser.add_argument(
            "--reserve",
            action="append",
            default=[],
            metavar="FIRST-LAST",
            help="a range that is never handed out; may be given several times",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the pool."""
        values = {name: options[name] for name in _FIELDS}
        values |= {name: _canonical(options[name]) for name in ("first", "last", "gateway")}
        pool = Pool(name=options["name"], **values)
        reserved = [_range(text) for text in options["reserve"]]
        try:
            with transaction.atomic():
                self.stdout.write(_ensure(pool, reserved))
        except BearmanError as error:
            raise CommandError(str(error)) from error


def _range(text: str) -> tuple[str, str]:
    first, _, last = text.partition("-")
    return str(_canonical(first)), str(_canonical(last or first))


def _canonical(text: str | None) -> str | None:
    """Return an address as PostgreSQL keeps it; anything else as it is, for the pool to refuse."""
    return address_or_none(text) or text if text else None


def _ensure(pool: Pool, reserved: list[tuple[str, str]]) -> str:
    present = Pool.objects.filter(name=pool.name).first()
    if present is not None:
        _compare(present, pool, reserved)
        return f"Pool {pool.name} exists already."
    pool_save(pool=pool)
    for first, last in reserved:
        reserved_range_save(reserved=ReservedRange(pool=pool, first=first, last=last))
    return f"Made pool {pool.name}: {pool.first} to {pool.last}/{pool.prefix_length}."


def _compare(present: Pool, wanted: Pool, reserved: list[tuple[str, str]]) -> None:
    differences = [
        f"{name} is {getattr(present, name)}, not {getattr(wanted, name)}"
        for name in _FIELDS
        if getattr(present, name) != getattr(wanted, name)
    ]
    kept = sorted((row.first, row.last) for row in present.reserved_ranges.all())
    if kept != sorted(reserved):
        differences.append("its reserved ranges are others")
    if differences:
        raise CommandError(
            f"Pool {present.name} exists already, but {'; '.join(differences)}. "
            "Change it in the Admin under Addresses, Pools."
        )
