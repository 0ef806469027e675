"""Firmware files: into the storage under their hash, so that none overwrites another."""

import hashlib
import re
from typing import IO

from bearman import storage
from bearman.lib.errors import Invalid
from nodes.models import FirmwareBaseline
from profiles.models.image import Artefact

CHUNK = 1024 * 1024  # bytes read at a time
_ODD = re.compile(r"[^A-Za-z0-9._+-]+")


def artefact_store(*, baseline: str, name: str, file: IO[bytes]) -> Artefact:
    """Put a file into the storage and return where, its size and its SHA-256.

    The same file twice is stored once; odd characters in its name become `_`. Raises Invalid for
    an empty file, Unavailable where the storage fails.
    """
    stored = _ODD.sub("_", name).lstrip("._+-")[-100:] or "firmware"
    artefact = _described(file, f"firmware/{baseline}/{{}}/{stored}")
    if not artefact.size:
        raise Invalid(f"{name} is empty.")
    storage.store(artefact.path, file)
    return artefact


def artefact_forget(path: str) -> None:
    """Delete a file from the storage, unless a baseline still has it."""
    if path and not FirmwareBaseline.objects.filter(artefact_path=path).exists():
        storage.delete(path)


def _described(file: IO[bytes], stored: str) -> Artefact:
    digest, size = hashlib.sha256(), 0
    file.seek(0)
    while piece := file.read(CHUNK):
        digest.update(piece)
        size += len(piece)
    sha256 = digest.hexdigest()
    return Artefact(stored.format(sha256[:16]), size, sha256)
