"""Bearer tokens: random, shown once, kept as a hash."""

import hashlib
import re
import secrets

BOOT_PREFIX = "bmb_"  # a machine's boot token
OPERATOR_PREFIX = "bmo_"  # a person's or a program's token
_ANY = re.compile(r"\b(bm[bo]_)[A-Za-z0-9_-]+")
MAX_LENGTH = 100  # nothing longer is looked up


def new(prefix: str) -> str:
    """Return a new token with 256 random bits; the prefix lets scanners and people know it."""
    return prefix + secrets.token_urlsafe(32)


def digest(token: str) -> bytes:
    """Return what is kept of a token: its SHA-256. It is random, so it needs no salt."""
    return hashlib.sha256(token.encode()).digest()


def redacted(text: str) -> str:
    """Return text from a machine with `...` in place of each token: logs may hold commands."""
    return _ANY.sub(r"\1...", text)
