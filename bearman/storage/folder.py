"""The storage in a folder of this computer."""

import errno
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from django.core.files.storage import FileSystemStorage

from bearman.lib.errors import BearmanError, NotFound, Unavailable
from bearman.lib.issues import storage as issues
from bearman.storage.store import CHUNK, Stored

DRAFTS = ".drafts"  # hidden, so that no file server gives it to anybody
DRAFT_SECONDS = 86_400  # a draft that is older was left by somebody who was killed
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NO_PLACE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST)
_LOOK = "Look at the health of that disk, or of the server that it is mounted from: see `dmesg`."


class Folder:
    """A folder: files come into it as drafts, and get their name when they are on the disk."""

    def __init__(self, storage: FileSystemStorage) -> None:
        self._storage = storage
        self._root = Path(storage.location)

    @property
    def words(self) -> str:
        """What it is called in messages to people."""
        return f"the folder {self._root}"

    def url(self, path: str) -> str:
        """Return the address below BEARMAN_FILES_URL."""
        return self._storage.url(path)

    def put_url(self, path: str, size: int) -> str | None:
        """Return None: nobody can put a file into a folder from outside."""
        return None

    def write(self, path: str, file: IO[bytes]) -> None:
        """Write a draft, have it on the disk, and rename it."""
        with self._told("write", path):
            target = self._at(path)
            draft = self._draft()
            try:
                with draft.open("xb") as out:
                    shutil.copyfileobj(file, out, CHUNK)
                    out.flush()
                    os.fsync(out.fileno())
                _rename(draft, target)
            finally:
                draft.unlink(missing_ok=True)

    def size(self, path: str) -> int | None:
        """Return a file's size in bytes; None where there is no such file."""
        with self._told("read", path):
            found = self._at(path)
            return found.stat().st_size if found.is_file() else None

    def pieces(self, path: str) -> Iterator[bytes]:
        """Read a file in pieces."""
        with self._told("read", path), self._at(path).open("rb") as file:
            while piece := file.read(CHUNK):
                yield piece

    def move(self, source: str, target: str) -> None:
        """Rename it."""
        with self._told("move", source):
            self._at(source).stat()  # before a folder is made for nothing
            _rename(self._at(source), self._at(target))

    def delete(self, path: str) -> None:
        """Delete a file, and the folders that are empty without it."""
        with self._told("delete", path):
            found = self._at(path)
            found.unlink(missing_ok=True)
            with suppress(OSError):
                for folder in found.parents:
                    if folder == self._root:
                        break
                    folder.rmdir()

    def listed(self, prefix: str) -> Iterator[Stored]:
        """Return all files below a folder that are not hidden."""
        with self._told("list", prefix):
            for folder, folders, files in os.walk(self._at(prefix)):
                folders[:] = sorted(name for name in folders if not name.startswith("."))
                for name in sorted(name for name in files if not name.startswith(".")):
                    yield self._stored(Path(folder, name))

    def _stored(self, path: Path) -> Stored:
        status = path.stat()
        changed = datetime.fromtimestamp(status.st_mtime, UTC)
        return Stored(path.relative_to(self._root).as_posix(), status.st_size, changed)

    def _at(self, path: str) -> Path:
        return Path(self._storage.path(path))

    def _draft(self) -> Path:
        """Return a new name for a draft, and remove those that somebody left long ago."""
        drafts = self._root / DRAFTS
        drafts.mkdir(parents=True, exist_ok=True)
        for old in drafts.iterdir():
            with suppress(FileNotFoundError):
                if old.stat().st_mtime < time.time() - DRAFT_SECONDS:
                    old.unlink()
        return drafts / secrets.token_hex(8)

    @contextmanager
    def _told(self, doing: str, path: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._failure(doing, path, error) from error

    def _failure(self, doing: str, path: str, error: OSError) -> BearmanError:
        if isinstance(error, FileNotFoundError):
            return NotFound(f"There is no {path} in {self.words}.", issue=issues.MISSING)
        if error.errno in _FULL:
            return Unavailable(
                f"There is no space left for {path} in {self.words}.", issue=issues.FULL
            )
        words = f"Bearman cannot {doing} {path} in {self.words}: {error.strerror}."
        if error.errno in _NO_PLACE:
            return Unavailable(words, issue=issues.NO_PLACE)
        return Unavailable(words, advice=_LOOK, issue=issues.UNREACHABLE)


def _rename(source: Path, target: Path) -> None:
    """Rename a file, and have that on the disk too.

    Who deletes a file takes empty folders away, maybe the one that was just made: so it is made
    again, a few times.
    """
    for last in (False,) * 20 + (True,):
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            source.replace(target)
            break
        except (FileNotFoundError, FileExistsError):
            if last or not source.exists():
                raise
    with suppress(FileNotFoundError):  # somebody deleted it at once
        _sync(target.parent)


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
