"""Takes the list of expected machines from a file: all of it, or nothing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from bearman.lib.errors import Invalid
from bearman.lib.spreadsheet import csv_lines
from nodes.expected.compare import serial_key
from nodes.expected.csv_read import Reading, csv_read
from nodes.expected.entry import COLUMNS, Entry
from nodes.models import ExpectedMachine
from nodes.services.arrived import Listing, arrived_lock, followed, listed_link, listing_of
from nodes.services.expected_names import Names, names_now

_LOCK = 0x6578_7065_6374  # one import at a time; the number is "expect" in ASCII


@dataclass(frozen=True, slots=True)
class Change:
    """What a line changes of an entry that is there, in words."""

    line: int
    row: ExpectedMachine
    words: list[str]
    before: Listing


@dataclass(slots=True)
class ImportPlan:
    """What a file would do, or has done; nothing where it has faults."""

    reading: Reading
    new: list[ExpectedMachine] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    same: int = 0
    others: int = 0  # on the list, and not in the file: they stay
    linked: int = 0  # of the new ones, those whose node is there already

    @property
    def is_good(self) -> bool:
        """Return whether it has no fault."""
        return not self.reading.faults

    @property
    def words(self) -> str:
        """Return the numbers as one sentence."""
        others = (
            "1 other on the list is"
            if self.others == 1
            else f"{self.others} others on the list are"
        )
        return (
            f"{len(self.new)} new, {len(self.changed)} changed, {self.same} as they were; "
            f"{others} not in the file and stay{'s' if self.others == 1 else ''}."
        )


def expected_check(*, data: bytes) -> ImportPlan:
    """Return what a file would do, with each fault by the number of its line; changes nothing."""
    return _plan(data)


@transaction.atomic
def expected_import(*, data: bytes, actor: str) -> ImportPlan:
    """Take a file: new serial numbers are added, others changed in the columns that it has.

    Raises Invalid, and changes nothing, where it has a fault. Twice is the same as once. Nodes
    that have arrived follow their entries; see `arrived.followed`.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    plan = _plan(data)
    if not plan.is_good:
        first = "; ".join(str(problem) for problem in plan.reading.problems[:3])
        raise Invalid(
            f"The file has {plan.reading.faults} faults, and nothing was imported: {first}",
            advice="Mend the file and try again.",
        )
    _write(plan, actor)
    return plan


def expected_lines() -> Iterator[str]:
    """Yield the list as the lines of a file that `expected_import` takes."""
    rows = ExpectedMachine.objects.select_related("zone", "flavor").order_by("pk")
    values = ([_VALUES[name](row) for name in COLUMNS] for row in rows.iterator(1000))
    return csv_lines(COLUMNS, values)


_VALUES: dict[str, Callable[[ExpectedMachine], Any]] = {
    **{name: attrgetter(name) for name in COLUMNS},
    "flavor": lambda row: row.flavor.name if row.flavor else "",
    "zone": lambda row: row.zone.name if row.zone else "",
}


def _plan(data: bytes) -> ImportPlan:
    plan = ImportPlan(csv_read(data))
    names = names_now()
    rows = {serial_key(row.serial): row for row in _listed()}
    in_file: dict[str, int] = {}
    for line, entry in plan.reading.entries.items():
        key = serial_key(entry.serial)
        if key in in_file:
            words = f"Serial number {entry.serial} is on line {in_file[key]} already."
            plan.reading.fault(line, words)
            continue
        in_file[key] = line
        _plan_line(plan, line, entry, rows.get(key), names)
    plan.others = len(rows.keys() - in_file.keys())
    _require_apart(plan, rows, in_file)
    plan.reading.problems.sort(key=lambda problem: problem.line)
    return plan


def _listed() -> list[ExpectedMachine]:
    return list(ExpectedMachine.objects.select_related("zone", "flavor").order_by("pk"))


def _plan_line(
    plan: ImportPlan, line: int, entry: Entry, row: ExpectedMachine | None, names: Names
) -> None:
    for fault in names.faults(entry):
        plan.reading.fault(line, fault)
    before = listing_of(row) if row else Listing()
    target = row or ExpectedMachine(serial=entry.serial)
    words = []
    for name in COLUMNS:
        if name == "serial" or name not in plan.reading.columns:
            continue
        old, new = getattr(target, name), names.value(entry, name)
        if old != new:
            words.append(f"{name} {old or 'none'} became {new or 'none'}")
            setattr(target, name, new)
    if row is None:
        plan.new.append(target)
    elif words:
        plan.changed.append(Change(line, row, words, before))
    else:
        plan.same += 1


# What no two machines have, and how a fault names it.
_ALONE: dict[str, Callable[[ExpectedMachine], Any]] = {
    "The place {}": lambda row: (row.zone_id, row.rack.upper(), row.unit) if row.unit else None,
    "The MAC address {}": lambda row: row.mac,
    "The asset tag {}": lambda row: row.asset_tag.upper(),
}
_SHOWN: dict[str, Callable[[ExpectedMachine], str]] = {
    "The place {}": lambda row: row.place,
    "The MAC address {}": lambda row: row.mac,
    "The asset tag {}": lambda row: row.asset_tag,
}


def _require_apart(
    plan: ImportPlan, rows: dict[str, ExpectedMachine], in_file: dict[str, int]
) -> None:
    """Note a fault for each place, MAC address and asset tag that two machines would have."""
    after = rows | {serial_key(row.serial): row for row in plan.new}
    # Those that stay come first, so that the fault is at the line that is too much.
    ordered = sorted(after.items(), key=lambda item: in_file.get(item[0], 0))
    for title, key_of in _ALONE.items():
        holders: dict[Any, str] = {}
        for serial, row in ordered:
            key = key_of(row)
            if key and key in holders:
                other = after[holders[key]]
                where = in_file.get(holders[key])
                named = f"{other} on line {where}" if where else f"{other}, which is on the list"
                words = f"{title.format(_SHOWN[title](row))} is that of {named}."
                plan.reading.fault(in_file.get(serial, 0), words)
            elif key:
                holders[key] = serial


def _write(plan: ImportPlan, actor: str) -> None:
    now, rows = timezone.now(), [change.row for change in plan.changed]
    keys = [row.pk for row in rows]
    arrived_lock(keys=keys, serials=[row.serial for row in (*plan.new, *rows)])
    for row in (*plan.new, *rows):
        row.imported_at, row.imported_by = now, actor
    # Two may have swapped their places: neither has one while the other's is written.
    ExpectedMachine.objects.filter(pk__in=keys).update(unit=None, mac="", asset_tag="")
    ExpectedMachine.objects.bulk_create(
        rows,
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=[*COLUMNS, "imported_at", "imported_by"],
    )
    ExpectedMachine.objects.bulk_create(plan.new, batch_size=1000)
    for change in plan.changed:
        if change.row.node_id is not None:
            followed(node_id=change.row.node_id, before=change.before, row=change.row, actor=actor)
    plan.linked = len(listed_link(rows=[*plan.new, *rows], actor=actor))
