"""One line at the bottom of a terminal that says how far it is."""

import os
import shutil
import sys
from collections.abc import Sequence

from bearman_cli.text import clean, shorten

# ECMA-48: carriage return, then ERASE IN LINE from the cursor to the end.
ERASE = "\r\x1b[K"


class LiveLine:
    """Written over and over; nothing at all where stdout is no terminal, or a dumb one."""

    def __init__(self, *, wanted: bool) -> None:
        self._wanted = wanted and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
        self._shown = False

    def write(self, text: str, more: Sequence[str] = ()) -> None:
        """Show the text in place of the last one, cut to the width of the terminal."""
        if self._wanted:
            width = shutil.get_terminal_size().columns - 1
            sys.stdout.write(ERASE + shorten(clean(", ".join([text, *more])), width))
            sys.stdout.flush()
            self._shown = True

    def clear(self) -> None:
        """Take it away, so that other lines can be written."""
        if self._shown:
            sys.stdout.write(ERASE)
            sys.stdout.flush()
            self._shown = False
