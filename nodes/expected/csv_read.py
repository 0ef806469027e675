"""Reads the list of expected machines from a CSV file, and finds every fault in it; no Django."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from bearman.lib.spreadsheet import unguarded
from nodes.expected.cells import READERS
from nodes.expected.csv_text import CsvFault, dialect_of, text_of
from nodes.expected.entry import COLUMNS, Entry

MAX_LINES = 10_000  # machines in one file
MAX_PROBLEMS = 500  # kept of one file

# Other names by which people call the columns.
_ALSO = {
    "serialnumber": "serial",
    "serialno": "serial",
    "servicetag": "serial",
    "manufacturer": "vendor",
    "product": "model",
    "productname": "model",
    "ru": "unit",
    "availabilityzone": "zone",
    "az": "zone",
    "macaddress": "mac",
    "duedate": "due",
    "asset": "asset_tag",
    "notes": "note",
}
_NAMES = {name.replace("_", ""): name for name in COLUMNS} | _ALSO


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault of the file: the number of its line, 0 for the whole file, and a sentence."""

    line: int
    words: str

    def __str__(self) -> str:
        return f"Line {self.line}: {self.words}" if self.line else self.words


@dataclass(slots=True)
class Reading:
    """What is in a file: its entries by the number of their lines, and its faults."""

    entries: dict[int, Entry] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    dropped: int = 0  # problems that are not kept
    columns: frozenset[str] = frozenset()

    def fault(self, line: int, words: str) -> None:
        """Note a fault; after MAX_PROBLEMS they are only counted."""
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(line, words))
        else:
            self.dropped += 1

    @property
    def faults(self) -> int:
        """Return how many faults there are."""
        return len(self.problems) + self.dropped


def csv_read(data: bytes) -> Reading:
    """Read a file: the first line names the columns, in any order; `serial` must be there.

    UTF-8 or UTF-16, any ends of lines, separated by comma, semicolon or tab. Never raises.
    """
    reading = Reading()
    try:
        text = text_of(data)
        rows = _rows(text)
        header = _header(next(rows, (1, [])), reading)
        if header:
            _read_all(rows, header, reading)
    except CsvFault as fault:
        reading.fault(fault.line, fault.words)
    return reading


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines that are not blank, with the number at which each begins."""
    lines = (f"{line}\n" for line in text.split("\n"))
    reader = csv.reader(lines, dialect_of(text), strict=True)
    begins = 1
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells) and not (begins == 1 and _names_separator(cells)):
                yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        raise CsvFault(begins, f"The line cannot be read: {error}.") from error


def _names_separator(cells: Sequence[str]) -> bool:
    """Tell Excel's first line `sep=;`."""
    return cells[0].lower() == "sep=" or cells[0].lower().startswith("sep=")


def _header(found: tuple[int, list[str]], reading: Reading) -> list[str]:
    line, cells = found
    while cells and not cells[-1]:
        cells.pop()
    if not cells:
        raise CsvFault(0, f"The file is empty. Its first line must name the columns: {_ALL}.")
    names = [_column(cell) for cell in cells]
    for cell, name in zip(cells, names, strict=True):
        if not name:
            reading.fault(line, f"There is no column {cell[:40]!r}.{_nearest(cell)}")
        elif names.count(name) > 1:
            reading.fault(line, f"The column {name} is there twice.")
    if "serial" not in names:
        reading.fault(line, f"The first line must name the column serial; the columns are {_ALL}.")
    reading.columns = frozenset(filter(None, names))
    return names if not reading.problems else []


_ALL = ", ".join(COLUMNS)


def _column(cell: str) -> str:
    return _NAMES.get("".join(c for c in cell.lower() if c.isalnum()), "")


def _nearest(cell: str) -> str:
    close = get_close_matches(cell[:40].lower(), COLUMNS, n=1)
    return f" Is {close[0]} meant?" if close else f" The columns are {_ALL}."


def _read_all(
    rows: Iterator[tuple[int, list[str]]], header: Sequence[str], reading: Reading
) -> None:
    for number, (line, cells) in enumerate(rows):
        if number == MAX_LINES:
            raise CsvFault(0, f"The file has more than {MAX_LINES:,} machines. Split it.")
        if any(cells[len(header) :]):
            reading.fault(line, f"It has {len(cells)} cells; the first line has {len(header)}.")
            continue
        entry = _entry(line, dict(zip(header, cells, strict=False)), reading)
        if entry is not None:
            reading.entries[line] = entry


def _entry(line: int, cells: Mapping[str, str], reading: Reading) -> Entry | None:
    values: dict[str, Any] = {}
    before = reading.faults
    for name, cell in cells.items():
        try:
            values[name] = READERS[name](unguarded(cell))
        except ValueError as error:
            reading.fault(line, f"{name}: {error}")
    if not cells.get("serial"):
        reading.fault(line, "It has no serial number.")
    if values.get("unit") and not values.get("rack"):
        reading.fault(line, f"Unit {values['unit']} needs a rack.")
    return Entry(**values) if reading.faults == before else None
