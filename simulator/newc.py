"""Reads the cpio archives in an initramfs, as the kernel does when it boots.

The format: Documentation/driver-api/early-userspace/buffer-format.rst of the Linux kernel.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

MAGICS = (b"070701", b"070702")  # newc without and with checksums
HEADER = 110  # bytes: the magic and 13 numbers of eight hexadecimal digits
MODE, SIZE, NAME_SIZE = 1, 6, 11  # which of the numbers
TRAILER = "TRAILER!!!"
FILE_TYPE, REGULAR = 0o170000, 0o100000


class ArchiveError(Exception):
    """This is no newc archive, or only a part of one."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: mode with its type bits, and the content."""

    mode: int
    content: bytes


def read(data: bytes) -> dict[str, Entry]:
    """All entries of the archives that `data` is made of, by path without a leading slash.

    Of entries with one name the last counts. Raises ArchiveError, also for names with `..`.
    """
    entries: dict[str, Entry] = {}
    position = 0
    while position < len(data):
        if data[position]:
            position = _read_archive(data, position, entries)
        else:
            position += 1  # between archives the kernel passes over zeros
    return entries


def read_appended(data: bytes) -> dict[str, Entry]:
    """The entries of the archives at the end of an initramfs, whatever stands before them.

    Archives begin at multiples of four bytes. Raises ArchiveError where there is none.
    """
    for position in _beginnings(data):
        try:
            return read(data[position:])
        except ArchiveError:
            continue
    raise ArchiveError("no newc archive is at the end of the initramfs")


def files(entries: dict[str, Entry], below: str = "") -> dict[str, Entry]:
    """The regular files below a folder ("bearman/"), by their path below it."""
    return {
        name.removeprefix(below): entry
        for name, entry in entries.items()
        if name.startswith(below) and entry.mode & FILE_TYPE == REGULAR
    }


def _beginnings(data: bytes) -> Iterator[int]:
    position = data.find(MAGICS[0])
    while position >= 0:
        if position % 4 == 0:
            yield position
        position = data.find(MAGICS[0], position + 1)


def _read_archive(data: bytes, position: int, entries: dict[str, Entry]) -> int:
    """Read the entries of one archive, and return the position after its trailer."""
    while True:
        numbers = _header(data, position)
        name_begin = position + HEADER
        name_end = name_begin + numbers[NAME_SIZE]
        name = data[name_begin : name_end - 1].decode("utf-8", "surrogateescape")
        begin = _aligned(name_end)
        content = data[begin : begin + numbers[SIZE]]
        position = _aligned(begin + numbers[SIZE])
        if name == TRAILER:
            return position
        if len(content) != numbers[SIZE]:
            raise ArchiveError(f"{name} is cut short")
        entries[_checked(name)] = Entry(numbers[MODE], content)


def _header(data: bytes, position: int) -> list[int]:
    header = data[position : position + HEADER]
    if header[:6] not in MAGICS or len(header) != HEADER:
        raise ArchiveError(f"there is no newc header at byte {position}")
    try:
        return [int(header[at : at + 8], 16) for at in range(6, HEADER, 8)]
    except ValueError as error:
        raise ArchiveError(f"the header at byte {position} has no numbers") from error


def _checked(name: str) -> str:
    path = PurePosixPath("/", name).relative_to("/")
    if ".." in path.parts:
        raise ArchiveError(f"{name!r} leads out of the archive")
    return str(path)


def _aligned(position: int) -> int:
    return (position + 3) & ~3
