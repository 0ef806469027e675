"""Boot scripts, firmware and images: in a folder, or in a bucket of an S3 server.

Who stores a file does it here and nowhere else: it is under its name when it is whole, or not at
all. All raise Unavailable in words, with an entry of the catalogue, where the storage fails.
"""

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from typing import IO

from django.core.files.storage import FileSystemStorage, Storage, storages

from bearman.lib.errors import Invalid, Unavailable
from bearman.lib.issues import storage as issues
from bearman.storage.folder import Folder
from bearman.storage.store import Store, Stored

__all__ = [
    "INCOMING",
    "PUBLIC",
    "Store",
    "Stored",
    "current",
    "delete",
    "listed",
    "move",
    "pieces",
    "put_url",
    "read",
    "require",
    "sha256_of",
    "size",
    "store",
    "url",
]

PUBLIC = ("images/", "scripts/", "firmware/")  # what machines fetch
INCOMING = "incoming/"  # uploads that nobody has verified yet: never for machines


def current() -> Store:
    """Return the storage that the settings name."""
    return of(storages["default"])


@lru_cache(maxsize=4)
def of(storage: Storage) -> Store:
    """Return Bearman's side of one of Django's storages."""
    if isinstance(storage, FileSystemStorage):
        return Folder(storage)
    from bearman.storage.bucket import Bucket  # noqa: PLC0415 (slow)

    return Bucket(storage)


def url(path: str) -> str:
    """Return the address at which machines fetch a file now, which never leads through Python.

    With BEARMAN_S3_URLS=signed it ends after BEARMAN_S3_URL_SECONDS, and is half a secret.
    """
    return current().url(path)


def put_url(path: str, size: int) -> str | None:
    """Return an address for one PUT of exactly `size` bytes; None for a folder, which has none.

    It ends after BEARMAN_S3_URL_SECONDS, and is a secret. Raises Invalid above 5 GiB.
    """
    return current().put_url(path, size)


def store(path: str, file: IO[bytes]) -> None:
    """Store a file, from its beginning. One of that size under that path stays as it is.

    So a path must have the content's hash in it, as all of Bearman's have.
    """
    length = file.seek(0, 2)
    if current().size(path) == length:
        return
    file.seek(0)
    current().write(path, file)


def size(path: str) -> int | None:
    """Return a file's size in bytes; None where there is no such file."""
    return current().size(path)


def pieces(path: str) -> Iterator[bytes]:
    """Read a file in pieces of at most 1 MiB; raises NotFound."""
    return current().pieces(path)


def read(path: str, *, most: int) -> bytes:
    """Return a whole small file; raises NotFound, and Invalid where it has over `most` bytes."""
    found = bytearray()
    for piece in pieces(path):
        found += piece
        if len(found) > most:
            raise Invalid(f"{path} has more than {most} bytes.")
    return bytes(found)


def sha256_of(path: str) -> str:
    """Read a file back and return its SHA-256 in hexadecimal; raises NotFound."""
    digest = hashlib.sha256()
    for piece in pieces(path):
        digest.update(piece)
    return digest.hexdigest()


def require(path: str, *, size: int, sha256: str) -> None:
    """Read a file back; raises Unavailable where it is not what it should be, and NotFound."""
    found = current().size(path)
    if found in {size, None} and sha256_of(path) == sha256:
        return
    raise Unavailable(
        f"{path} in {current().words} is not what was stored there.", issue=issues.DIFFERENT
    )


def move(source: str, target: str) -> None:
    """Give a file its final name; doing it twice changes nothing. Raises NotFound."""
    if current().size(source) is None and current().size(target) is not None:
        return
    current().move(source, target)


def delete(path: str) -> None:
    """Delete a file; one that is not there is no error."""
    current().delete(path)


def listed(prefix: str) -> Iterator[Stored]:
    """Return all files whose paths begin with a prefix that ends in a slash."""
    return current().listed(prefix)
