"""Reads and writes lists of cables as CSV: one line a cable."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from nodes.inventory.iplink import INTERFACE_NAME
from nodes.wiring.names import port_key, switch_key
from nodes.wiring.pattern import MAX_NAME, PatternError, checked

COLUMNS: Final = (
    *("rack", "unit", "serial", "interface", "switch", "port", "speed", "vlan", "mtu"),
)
_NEEDED: Final = ("interface", "switch", "port")
MAX_CABLES: Final = 200_000
MAX_ERRORS: Final = 100  # told at once; a wrong column gives one a line
MAX_UNIT: Final = 999


@dataclass(frozen=True, slots=True)
class CableRow:
    """One cable: an interface of the machine at a place, or with a serial, and its switch port."""

    interface: str
    switch: str
    port: str
    rack: str = ""
    unit: int | None = None
    serial: str = ""
    speed: int | None = None
    vlan: int | None = None
    mtu: int | None = None

    @property
    def machine_end(self) -> tuple[str, int | None, str, str]:
        """Return what is one cable's alone on the machine's side."""
        return self.rack.casefold(), self.unit, self.serial.casefold(), self.interface

    @property
    def switch_end(self) -> tuple[str, str]:
        """Return what is one cable's alone on the switch's side."""
        return switch_key(self.switch), port_key(self.port)

    def __str__(self) -> str:
        place = f"serial {self.serial}" if self.serial else f"rack {self.rack} unit {self.unit}"
        return f"{place} {self.interface}"


@dataclass(frozen=True, slots=True)
class LineError:
    """What is wrong with a line of a file, counted from 1."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"Line {self.line}: {self.message}"


def parse_cables(text: str) -> tuple[dict[int, CableRow], list[LineError]]:
    """Return the cables by line, and what is wrong with the other lines.

    The first line names the columns, in any order. Commas, semicolons or tabs divide them, as
    spreadsheets write them; empty lines and columns with other names are passed over.
    """
    lines = text.removeprefix("\ufeff").splitlines()
    head = lines[0] if lines else ""
    delimiter = max(",;\t", key=head.count)
    names = [name.strip().lower() for name in next(csv.reader([head], delimiter=delimiter), [])]
    missing = [name for name in _NEEDED if name not in names]
    if missing or not ({"rack", "unit"} <= set(names) or "serial" in names):
        words = f"The first line must name the columns {', '.join(COLUMNS)}"
        return {}, [LineError(1, f"{words}; speed, vlan and mtu may be left out.")]
    rows: dict[int, CableRow] = {}
    errors: list[LineError] = []
    reader = csv.reader(io.StringIO("\n".join(lines[1:])), delimiter=delimiter)
    for values in _safe(reader, errors):
        number = reader.line_num + 1
        if not any(value.strip() for value in values):
            continue
        if len(rows) >= MAX_CABLES or len(errors) >= MAX_ERRORS:
            errors.append(LineError(number, "The rest of the file was not read."))
            break
        try:
            rows[number] = cable_row(dict(zip(names, map(str.strip, values), strict=False)))
        except PatternError as error:
            errors.append(LineError(number, str(error)))
    errors += _twice(rows)
    return rows, errors


def _safe(reader: Iterable[list[str]], errors: list[LineError]) -> Iterable[list[str]]:
    try:
        yield from reader
    except csv.Error as error:
        errors.append(LineError(getattr(reader, "line_num", 0) + 1, f"Not CSV: {error}."))


def cable_row(values: dict[str, str]) -> CableRow:
    """Return a cable from its columns; raises PatternError with one sentence."""
    row = CableRow(
        interface=values.get("interface", ""),
        switch=values.get("switch", ""),
        port=values.get("port", ""),
        rack=values.get("rack", ""),
        unit=_number("unit", values.get("unit", ""), _unit),
        serial=values.get("serial", ""),
        speed=_number("speed", values.get("speed", "")),
        vlan=_number("vlan", values.get("vlan", "")),
        mtu=_number("mtu", values.get("mtu", "")),
    )
    cable_check(row)
    return row


def cable_check(row: CableRow) -> None:
    """Raise PatternError for a cable that cannot be one."""
    if not INTERFACE_NAME.fullmatch(row.interface):
        raise PatternError(f"{row.interface[:64]!r} is not the name of an interface.")
    if not row.switch or not row.port:
        raise PatternError(f"{row.interface}: switch and port must be given.")
    for name, value, most in (
        ("switch", row.switch, MAX_NAME),
        ("port", row.port, MAX_NAME),
        ("serial", row.serial, MAX_NAME),
        ("rack", row.rack, 32),
    ):
        if len(value) > most or not value.isprintable():
            raise PatternError(f"{name} has at most {most} characters, all of them printable.")
    at_place = bool(row.rack) or row.unit is not None
    if at_place == bool(row.serial) or bool(row.rack) != (row.unit is not None):
        raise PatternError(f"{row.interface}: give rack and unit, or the serial, and not both.")


def _unit(name: str, value: int) -> int:
    if not 1 <= value <= MAX_UNIT:
        raise PatternError(f"{name} is from 1 to {MAX_UNIT}, not {value}.")
    return value


def _number(name: str, text: str, check: Callable[[str, int], int] = checked) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        raise PatternError(f"{name} must be a whole number, not {text[:40]!r}.")
    return check(name, int(text))


def _twice(rows: dict[int, CableRow]) -> list[LineError]:
    """Return the lines that say again what an earlier one says of an interface or a port."""
    errors: list[LineError] = []
    interfaces: dict[tuple[str, int | None, str, str], int] = {}
    ports: dict[tuple[str, str], int] = {}
    for number, row in rows.items():
        first = interfaces.setdefault(row.machine_end, number)
        taken = ports.setdefault(row.switch_end, number)
        if first != number:
            errors.append(LineError(number, f"{row} is on line {first} already."))
        elif taken != number:
            where = f"{row.switch} port {row.port}"
            errors.append(LineError(number, f"{where} is on line {taken} already."))
    return errors[:MAX_ERRORS]


def write_cables(rows: Sequence[CableRow]) -> str:
    """Return the list as CSV that `parse_cables` reads."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow(["" if (v := getattr(row, name)) is None else v for name in COLUMNS])
    return out.getvalue()
