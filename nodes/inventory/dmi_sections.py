"""dmidecode's text cut into the structures that an inventory needs."""

import re
from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import Final

from nodes.inventory.text import clean

# The structures read here (SMBIOS 3.7 section 7), by the title that dmidecode prints for each.
TITLES: Final = {
    "BIOS Information": 0,
    "System Information": 1,
    "Base Board Information": 2,
    "Chassis Information": 3,
    "Processor Information": 4,
    "Memory Module Information": 6,
    "Physical Memory Array": 16,
    "Memory Device": 17,
    "Memory Array Mapped Address": 19,
}
_WANTED: Final = frozenset(TITLES.values())

# "0x0011, DMI type 17, 34 bytes"; up to dmidecode 2.7 the type stood on a line of its own.
_HEADER = re.compile(r"([0-9A-Fa-f]{1,8}),?\s{1,4}DMI type (\d{1,3}),[^\n]*\n?")
_OLD_LAYOUT = re.compile(r"\t[^\t\n:]+\n\t\t")
# dmidecode indents with tabs, copies of its text with a few blanks; what is deeper is no field.
_INDENTATION = re.compile(r"(?:^|\n)([ \t]{1,16})[^ \t\n]")


class Section:
    """One structure: its type, its handle (None where dmidecode was quiet) and its lines."""

    def __init__(self, kind: int, handle: int | None, body: str) -> None:
        self.kind = kind
        self.handle = handle
        self.body = body

    @cached_property
    def _fields(self) -> dict[str, str]:
        return _read_fields(self.body)

    def has(self, key: str) -> bool:
        """Tell whether the structure has such a line."""
        return key in self._fields

    def get(self, key: str) -> str:
        """Return the cleaned value of the first such line, or an empty string."""
        return clean(self._fields.get(key, ""))


def split_sections(text: str) -> Iterator[Section]:
    """Yield the structures that an inventory needs, in their order, equal ones once.

    Takes time in proportion to the length of the text, whatever is in it.
    """
    text = text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    before, *chunks = ("\n" + text).split("\nHandle 0x")
    yield from _titled(before, None, None)
    for chunk in dict.fromkeys(chunk.rstrip("\n") for chunk in chunks):
        header = _HEADER.match(chunk)
        kind = int(header[2]) if header else None
        in_one_piece = header is not None and "\n\n" not in chunk
        if in_one_piece and kind not in _WANTED:
            continue
        handle = int(header[1], 16) if header else None
        body = chunk[header.end() :] if header else chunk
        if _OLD_LAYOUT.match(body):
            body = body.replace("\n\t", "\n").lstrip("\t")
        if in_one_piece and kind is not None:
            yield Section(kind, handle, body)
        else:
            yield from _titled(body, kind, handle)


def _titled(text: str, kind: int | None, handle: int | None) -> Iterator[Section]:
    """Cut text by its titles, as for `dmidecode --quiet` and after a damaged handle line.

    Where a blank line and then an unknown title stand, a structure begins that nobody needs; a
    blank line alone ends nothing, since some builds print them between fields.
    """
    lines: list[str] = []
    after_blank = False
    for number, line in enumerate(text.split("\n")):
        if line[:1] in ("\t", " "):
            lines.append(line)
        elif line:
            title = TITLES.get(line.rstrip())
            own_title = number == 0 and kind is not None
            if not own_title and (title is not None or after_blank):
                yield from _finished(kind, handle, lines)
                kind, handle, lines = title, None, []
        after_blank = not line.strip()
    yield from _finished(kind, handle, lines)


def _finished(kind: int | None, handle: int | None, lines: list[str]) -> Iterator[Section]:
    if kind is not None and kind in _WANTED:
        yield Section(kind, handle, "\n".join(lines))


def _read_fields(body: str) -> dict[str, str]:
    """Return the `key: value` lines of the first level; deeper ones are items of lists."""
    found = _INDENTATION.search(body)
    fields: dict[str, str] = {}
    for key, value in _field(found[1] if found else "").findall(body):
        fields.setdefault(key.rstrip(), value)
    return fields


@lru_cache(maxsize=64)
def _field(indentation: str) -> re.Pattern[str]:
    """Return what matches a `key: value` line with exactly that indentation."""
    return re.compile(rf"^{re.escape(indentation)}([^\t\n :][^\n:]*):(.*)", re.MULTILINE)
