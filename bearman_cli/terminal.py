"""Draws on a terminal with rich, which keeps to its width and to NO_COLOR (no-color.org)."""

from collections.abc import Collection, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

# Text, never a plain str, goes into rich: it would read markup such as [red] in a str.


GAP = 2  # columns of the screen between two of the table
FOLDED = 32  # columns of the screen that are enough for text that may be folded


def write_table(
    titles: Sequence[str],
    rows: Sequence[Sequence[str]],
    styles: Sequence[Sequence[str]],
    *,
    whole: Collection[int],
    optional: Sequence[int],
) -> None:
    """Write rows of safe text with a style for each cell.

    Columns in `whole` are never folded; those in `optional` are left out until the rest fits.
    """
    console = Console()
    table = Table(box=None, pad_edge=False, show_header=bool(titles), header_style="bold")
    shown = _fitting(console.width, [titles, *rows] if titles else rows, whole, optional)
    for index in shown:
        title = Text(titles[index]) if titles else ""
        table.add_column(title, no_wrap=index in whole, overflow="fold")
    for row, row_styles in zip(rows, styles, strict=True):
        table.add_row(*(Text(row[index], row_styles[index]) for index in shown))
    console.print(table)


def _fitting(
    width: int, lines: Sequence[Sequence[str]], whole: Collection[int], optional: Sequence[int]
) -> list[int]:
    """The columns to show."""
    needed = {
        index: GAP + min(max(map(len, cells)), width if index in whole else FOLDED)
        for index, cells in enumerate(zip(*lines, strict=True))
    }
    for index in optional:
        if sum(needed.values()) - GAP <= width:
            break
        del needed[index]
    return list(needed)


def write_line(*parts: str | tuple[str, str]) -> None:
    """Write safe text, some of it as (text, style), on one line however wide."""
    Console().print(Text.assemble(*parts), soft_wrap=True)
