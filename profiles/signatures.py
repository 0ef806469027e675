"""Signatures of manifests: Ed25519 (RFC 8032) over their bytes, in base64. No Django."""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

LENGTH = 64  # bytes of a signature (RFC 8032 section 5.1.6)
MAX_TEXT = 100  # characters; base64 of it has 88
MAX_KEY = 10_000  # bytes of a file
MAX_KEYS = 100

Keys = Mapping[str, Ed25519PublicKey]


def key_id(key: Ed25519PublicKey) -> str:
    """Return what a key is called: the first 16 hexadecimal digits of the SHA-256 of its DER."""
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()[:16]


def trusted(folder: Path) -> dict[str, Ed25519PublicKey]:
    """Return the public keys in the files `*.pem` of a folder, by id; private ones are left out."""
    files = sorted(folder.glob("*.pem"))[:MAX_KEYS] if folder.is_dir() else []
    found = (_key(path) for path in files)
    return {key_id(key): key for key in found if key is not None}


def signed_by(data: bytes, signature: str, keys: Keys) -> str | None:
    """Return the id of the key that made the signature; None where none of them did."""
    raw = decoded(signature)
    for name, key in keys.items():
        try:
            key.verify(raw, data)
        except InvalidSignature:
            continue
        return name
    return None


def decoded(signature: str) -> bytes:
    """Return the bytes of a signature; raises ValueError for what is none."""
    try:
        raw = base64.b64decode(signature[: MAX_TEXT + 1].strip(), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("the signature is not base64") from error
    if len(raw) != LENGTH:
        raise ValueError(f"the signature does not have {LENGTH} bytes")
    return raw


def _key(path: Path) -> Ed25519PublicKey | None:
    try:
        with path.open("rb") as file:
            text = file.read(MAX_KEY)
        key = load_pem_public_key(text)
    except (OSError, ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, Ed25519PublicKey) else None
