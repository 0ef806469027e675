"""CSV that spreadsheets may open: they compute a cell that looks like a formula."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

# How a formula begins, behind any number of the signs that say "this is text".
_FORMULA = re.compile(r"'*[=+\-@\t\r]")


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield the lines (RFC 4180), the header first; None is an empty cell."""
    yield _line(header)
    for row in rows:
        yield _line(row)


def guarded(cell: object) -> str:
    """Return a cell as text that no spreadsheet takes for a formula."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """Return what `guarded` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def _line(cells: Sequence[object]) -> str:
    out = StringIO()
    csv.writer(out).writerow([guarded(cell) for cell in cells])
    return out.getvalue()
