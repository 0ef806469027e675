"""The text of a CSV file that a person's spreadsheet wrote; no Django here."""

import codecs
import csv

MAX_BYTES = 2 * 1024 * 1024


class CsvFault(Exception):
    """The file cannot be read on from here; `line` is 0 for the whole of it."""

    def __init__(self, line: int, words: str) -> None:
        super().__init__(words)
        self.line, self.words = line, words


def text_of(data: bytes) -> str:
    """Return the text with its ends of lines made one; raises CsvFault.

    UTF-8 with or without a byte order mark, or UTF-16 with one (RFC 2781), as spreadsheets write
    "Unicode text".
    """
    if len(data) > MAX_BYTES:
        size = f"The file has {len(data):,} bytes; at most {MAX_BYTES:,} are taken."
        raise CsvFault(0, f"{size} Split it.")
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CsvFault(
            0 if wide else line, "It is not in UTF-8. Save the file as CSV in UTF-8."
        ) from error
    if "\0" in text:
        raise CsvFault(text.count("\n", 0, text.index("\0")) + 1, "A NUL is in it; is it CSV?")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def dialect_of(text: str) -> type[csv.Dialect]:
    """Return how the file is separated: by what stands in its first line that is not blank."""
    first = next((line for line in text.split("\n") if line.strip()), "")
    told = first.strip().lower()
    separator = told[4] if told.startswith("sep=") and len(told) == 5 else ""

    class Separated(csv.excel):
        delimiter = separator if separator in _SEPARATORS else max(_SEPARATORS, key=first.count)

    return Separated


_SEPARATORS = (",", ";", "\t")
