"""Keys that are made once and kept in a file only its owner can read."""

import os
import secrets
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet


def kept(path: Path, make: Callable[[], str]) -> str:
    """Return the text in `path`; where there is none, make it first (mode 0600, atomically)."""
    try:
        return path.read_text()
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    # A name of its own: threads of one process make keys at the same time too.
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(make())
            file.flush()
            os.fsync(descriptor)  # what is linked is whole, also after the power was cut
        with suppress(FileExistsError):
            os.link(draft, path)  # unlike rename, it never replaces the key of a faster process
    finally:
        Path(draft).unlink()
    return path.read_text()


def secret_key() -> str:
    """Return 64 random bytes for Django's SECRET_KEY, in URL-safe Base64."""
    return secrets.token_urlsafe(64)


def credential_key() -> str:
    """Return a new Fernet key (32 random bytes, URL-safe Base64)."""
    return Fernet.generate_key().decode()
