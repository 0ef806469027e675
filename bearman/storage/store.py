"""What every kind of storage can do; paths are below its root, such as images/a/1/vmlinuz."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Protocol

CHUNK = 1024 * 1024  # bytes read at a time


@dataclass(frozen=True, slots=True)
class Stored:
    """A file in the storage: its size in bytes, and when it came there."""

    path: str
    size: int
    at: datetime


class Store(Protocol):
    """A storage. All raise Unavailable in words where it fails, and leave nothing half-done."""

    @property
    def words(self) -> str:
        """What it is called in messages to people."""

    def url(self, path: str) -> str:
        """Return the address at which machines fetch a file."""

    def put_url(self, path: str, size: int) -> str | None:
        """Return an address for one PUT of that many bytes; None where there is none."""

    def write(self, path: str, file: IO[bytes]) -> None:
        """Store a file from where it stands to its end: whole under its name, or not at all."""

    def size(self, path: str) -> int | None:
        """Return a file's size in bytes; None where there is no such file."""

    def pieces(self, path: str) -> Iterator[bytes]:
        """Read a file in pieces; raises NotFound."""

    def move(self, source: str, target: str) -> None:
        """Give a file another name, under which it is whole or not at all; raises NotFound."""

    def delete(self, path: str) -> None:
        """Delete a file; one that is not there is no error."""

    def listed(self, prefix: str) -> Iterator[Stored]:
        """Return all files whose paths begin with a prefix that ends in a slash."""
