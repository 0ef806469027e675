"""Firmware files: into the storage under their hash, so that none overwrites another."""

import hashlib
import re
from typing import IO

from django.core.files import File
from django.core.files.storage import default_storage

from bearman.lib.errors import Conflict, Invalid, Unavailable
from nodes.models import FirmwareBaseline
from profiles.models.image import Artefact

CHUNK = 1024 * 1024  # bytes read at a time
_ODD = re.compile(r"[^A-Za-z0-9._+-]+")


def artefact_store(*, baseline: str, name: str, file: IO[bytes]) -> Artefact:
    """Put a file into the storage and return where, its size and its SHA-256.

    The same file twice is stored once; odd characters in its name become `_`. Raises Invalid for
    an empty file, Unavailable where the storage fails, Conflict where somebody else stores it in
    this very moment.
    """
    stored = _ODD.sub("_", name).lstrip("._+-")[-100:] or "firmware"
    artefact = _described(file, f"firmware/{baseline}/{{}}/{stored}")
    if not artefact.size:
        raise Invalid(f"{name} is empty.")
    _store(file, artefact)
    return artefact


def artefact_forget(path: str) -> None:
    """Delete a file from the storage, unless a baseline still has it."""
    if path and not FirmwareBaseline.objects.filter(artefact_path=path).exists():
        default_storage.delete(path)


def _described(file: IO[bytes], stored: str) -> Artefact:
    digest, size = hashlib.sha256(), 0
    file.seek(0)
    while piece := file.read(CHUNK):
        digest.update(piece)
        size += len(piece)
    sha256 = digest.hexdigest()
    return Artefact(stored.format(sha256[:16]), size, sha256)


def _store(file: IO[bytes], artefact: Artefact) -> None:
    """One that lies there whole already stays."""
    path = artefact.path
    try:
        if default_storage.exists(path):
            if default_storage.size(path) == artefact.size:
                return
            default_storage.delete(path)  # somebody was killed half-way
        file.seek(0)
        stored = default_storage.save(path, File(file))
    except OSError as error:
        raise Unavailable(f"The storage does not take {path}: {error}.") from error
    if stored != path:
        default_storage.delete(stored)
        raise Conflict(f"{path} is being added by somebody else.", advice="Try again.")
