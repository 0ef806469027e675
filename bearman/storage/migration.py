"""Bringing files from one storage to another."""

import hashlib
from collections.abc import Iterator
from typing import IO, cast

from bearman.lib.errors import Unavailable
from bearman.lib.issues import storage as issues
from bearman.storage.store import Store


def file_copy(path: str, *, source: Store, target: Store) -> bool:
    """Copy a file unless the other storage has it already; true if it did not.

    What lies there in the end has been read back. Raises Unavailable where it differs.
    """
    wanted = _sha256(source, path)
    if target.size(path) == source.size(path) and _sha256(target, path) == wanted:
        return False
    target.write(path, cast("IO[bytes]", _Pieces(source.pieces(path))))
    if _sha256(target, path) != wanted:
        raise Unavailable(
            f"{path} came to {target.words} as something else.", issue=issues.DIFFERENT
        )
    return True


def _sha256(store: Store, path: str) -> str:
    digest = hashlib.sha256()
    for piece in store.pieces(path):
        digest.update(piece)
    return digest.hexdigest()


class _Pieces:
    """Pieces of bytes that can be read as a file."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = bytearray()

    def read(self, size: int = -1) -> bytes:
        """Return the next `size` bytes, or all for -1."""
        while size < 0 or len(self._rest) < size:
            piece = next(self._pieces, b"")
            if not piece:
                break
            self._rest += piece
        end = len(self._rest) if size < 0 else size
        taken = bytes(self._rest[:end])
        del self._rest[:end]
        return taken
