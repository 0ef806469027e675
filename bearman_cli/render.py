"""Tables for people: rich on a terminal, plain aligned columns in a pipe."""
# ruff: noqa: PLC0415 - rich is loaded only where there is a terminal; it takes 50 ms

import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from google.protobuf.timestamp_pb2 import Timestamp

from bearman_cli.as_json import utc
from bearman_cli.text import clean

STATUS_STYLES = {
    "READY": "green",
    "IN_USE": "cyan",
    "REGISTERING": "yellow",
    "REGISTER_FAILED": "bold red",
    "QUARANTINED": "bold magenta",
    "MAINTENANCE": "blue",
    "RETIRED": "dim",
    "DEPLOY_START": "yellow",
    "DEPLOYING": "yellow",
    "INSTALLED": "green",
    "UNRECOVERABLE_ERROR": "bold red",
    "RELEASING": "yellow",
    "RELEASED": "dim",
}
NOTHING = "-"


@dataclass(frozen=True)
class Table:
    """Rows of raw text; it is made safe when it is written. No header where there are no titles."""

    titles: Sequence[str]
    rows: Sequence[Sequence[str]]
    whole: Collection[int] = ()  # columns that are never folded
    optional: Sequence[int] = ()  # columns that a narrow terminal does without, in this order


def write(table: Table) -> None:
    """Write the table to stdout: with colours and the terminal's width only on a terminal."""
    rows = [[clean(cell) or NOTHING for cell in row] for row in table.rows]
    if sys.stdout.isatty():
        from bearman_cli import terminal

        styles = [[STATUS_STYLES.get(cell, "") for cell in row] for row in rows]
        terminal.write_table(table.titles, rows, styles, whole=table.whole, optional=table.optional)
    else:
        _write_plain(table, rows)


def _write_plain(table: Table, rows: list[list[str]]) -> None:
    """Never cut and never folded, for grep and awk."""
    lines = [list(table.titles), *rows] if table.titles else rows
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print("  ".join(cells).rstrip())


def heading(text: str) -> None:
    """A blank line and the name of a section; bold on a terminal unless NO_COLOR is set."""
    print()
    if sys.stdout.isatty():
        from bearman_cli import terminal

        terminal.write_line((clean(text), "bold"))
    else:
        print(clean(text))


def line(before: str, status: str, after: str) -> None:
    """One line, never folded; the status has its colour on a terminal."""
    parts = clean(before), clean(status), clean(after)
    if sys.stdout.isatty():
        from bearman_cli import terminal

        style = STATUS_STYLES.get(parts[1].rpartition(" ")[2], "")
        terminal.write_line(parts[0], (parts[1], style), parts[2])
    else:
        print("".join(parts), flush=True)


def text(block: str) -> None:
    """Several lines as they are, but safe; a tab is as wide as on a terminal."""
    for text_line in block.splitlines():
        print(clean(text_line.expandtabs()))


def duration(seconds: float) -> str:
    """Seconds in words: `4.2 s`, `3 min 20 s`, `2 h 5 min`."""
    if seconds < 60:
        return f"{max(seconds, 0.0):.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def local_time(timestamp: Timestamp, pattern: str = "%Y-%m-%d %H:%M:%S") -> str:
    """The moment in this machine's zone; empty for a Timestamp that is not set."""
    if not timestamp.ByteSize():
        return ""
    return utc(timestamp).astimezone().strftime(pattern)


def memory(size: int) -> str:
    """Bytes as memory is sold: 68719476736 as `64 GiB`; IEC 80000-13 names; empty for 0."""
    return _scaled(size, 1024, ("B", "KiB", "MiB", "GiB", "TiB", "PiB"))


def disk(size: int) -> str:
    """Bytes as disks are sold: 3840755982336 as `3.84 TB`; SI names; empty for 0."""
    return _scaled(size, 1000, ("B", "kB", "MB", "GB", "TB", "PB"))


def _scaled(size: int, base: int, units: Sequence[str]) -> str:
    if not size:
        return ""
    value, unit = float(size), 0
    while value >= base and unit < len(units) - 1:
        value, unit = value / base, unit + 1
    return f"{value:.2f}".rstrip("0").rstrip(".") + " " + units[unit]
