"""Keys that are made once and kept in a file only its owner can read."""

import os
import secrets
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
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(make())
    with suppress(FileExistsError):
        os.link(draft, path)  # unlike rename, it never replaces the key of a faster process
    draft.unlink()
    return path.read_text()


def secret_key() -> str:
    """Return 64 random bytes for Django's SECRET_KEY, in URL-safe Base64."""
    return secrets.token_urlsafe(64)


def credential_key() -> str:
    """Return a new Fernet key (32 random bytes, URL-safe Base64)."""
    return Fernet.generate_key().decode()
