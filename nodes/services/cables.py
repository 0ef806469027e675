"""The list of cables: exact rows of what leads where."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from django.db import connection, transaction

from bearman.lib.errors import Conflict, Invalid
from nodes.models import Cable
from nodes.models.wiring import NAME
from nodes.wiring.cable_rows import CableRow, LineError, cable_check, parse_cables, write_cables
from nodes.wiring.names import port_key, port_number, short_switch, switch_key
from nodes.wiring.pattern import PatternError, checked

MAX_FILE_BYTES = 32 * 1024 * 1024  # some 200,000 cables with long names


@dataclass(frozen=True, slots=True)
class CableImport:
    """What an import does or would do; where there are errors it does nothing."""

    made: int = 0
    changed: int = 0
    same: int = 0
    removed: int = 0
    errors: list[LineError] = field(default_factory=list)

    def __str__(self) -> str:
        if self.errors:
            return f"{len(self.errors)} lines are wrong; nothing was changed."
        words = f"{self.made} new, {self.changed} changed, {self.same} as they were"
        return f"{words}, {self.removed} removed." if self.removed else f"{words}."


def cable_save(*, cable: Cable) -> None:
    """Write one cable; raises Invalid for one that cannot be, Conflict where an end is taken."""
    row = _row_of(cable)
    try:
        cable_check(row)
        for name in ("speed", "vlan", "mtu"):
            value = getattr(row, name)
            if value is not None:
                checked(name, value)
    except PatternError as error:
        raise Invalid(str(error)) from error
    with transaction.atomic():
        _lock()
        others = Cable.objects.exclude(pk=cable.pk)
        taken = others.filter(switch_key=switch_key(row.switch), port_key=port_key(row.port))
        same = others.filter(
            rack__iexact=row.rack,
            unit=row.unit,
            serial__iexact=row.serial,
            interface=row.interface,
        )
        other = taken.first() or same.first()
        if other:
            raise Conflict(f"There is a cable already: {other}.", advice="Change that one.")
        _fill_keys(cable)
        cable.save()


def cable_delete(*, cable: Cable) -> None:
    """Delete one cable."""
    cable.delete()


def cables_import(*, text: str, replace: bool = False, dry_run: bool = False) -> CableImport:
    """Write a CSV of cables, all of it or nothing; twice is the same as once.

    `replace` removes cables that are not in it. `dry_run` changes nothing. Raises Invalid for a
    file that is too large; what is wrong with lines is in the answer.
    """
    if len(text) > MAX_FILE_BYTES:
        raise Invalid(
            f"The file has over {MAX_FILE_BYTES // 2**20} MiB.", advice="Import it in parts."
        )
    rows, errors = parse_cables(text)
    if errors:
        return CableImport(errors=errors)
    with transaction.atomic():
        _lock()
        before = {_row_of(cable).machine_end: cable for cable in Cable.objects.all()}
        result = _planned(rows, before, replace)
        if not result.errors and not dry_run:
            _write(rows, before, replace)
    return result


def cables_export() -> str:
    """Return all cables as CSV that `cables_import` reads."""
    return write_cables([_row_of(cable) for cable in Cable.objects.iterator(chunk_size=2000)])


Before = Mapping[tuple[str, int | None, str, str], Cable]


def _planned(rows: Mapping[int, CableRow], before: Before, replace: bool) -> CableImport:
    named = {row.machine_end for row in rows.values()}
    kept = {} if replace else {key: one for key, one in before.items() if key not in named}
    ports = {_row_of(cable).switch_end: cable for cable in kept.values()}
    errors = [
        LineError(number, f"{row.switch} port {row.port} is taken: {ports[row.switch_end]}.")
        for number, row in rows.items()
        if row.switch_end in ports
    ]
    known = [row for row in rows.values() if row.machine_end in before]
    same = sum(row == _row_of(before[row.machine_end]) for row in known)
    return CableImport(
        made=len(rows) - len(known),
        changed=len(known) - same,
        same=same,
        removed=len(before.keys() - named) if replace else 0,
        errors=errors[:100],
    )


def _write(rows: Mapping[int, CableRow], before: Before, replace: bool) -> None:
    """Write what is new or changed. Ports may move round among cables, so old rows go first."""
    fresh = [
        row
        for row in rows.values()
        if row.machine_end not in before or _row_of(before[row.machine_end]) != row
    ]
    gone = {row.machine_end for row in fresh}
    if replace:
        gone |= before.keys() - {row.machine_end for row in rows.values()}
    Cable.objects.filter(pk__in=[before[key].pk for key in gone if key in before]).delete()
    cables = [Cable(**asdict(row)) for row in fresh]
    for cable in cables:
        _fill_keys(cable)
    Cable.objects.bulk_create(cables, batch_size=1000)


def _row_of(cable: Cable) -> CableRow:
    return CableRow(
        interface=cable.interface,
        switch=cable.switch,
        port=cable.port,
        rack=cable.rack,
        unit=cable.unit,
        serial=cable.serial,
        speed=cable.speed,
        vlan=cable.vlan,
        mtu=cable.mtu,
    )


def _fill_keys(cable: Cable) -> None:
    # Folded, a name may be longer.
    cable.switch_key = switch_key(cable.switch)[:NAME]
    cable.switch_short = short_switch(cable.switch)[:NAME]
    cable.port_key, cable.port_number = port_key(cable.port)[:NAME], port_number(cable.port)


def _lock() -> None:
    """Let one writer at a time change the list; readers go on."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE nodes_cable IN SHARE ROW EXCLUSIVE MODE")
