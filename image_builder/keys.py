"""Ed25519 keys (RFC 8032) that sign manifests."""

import base64
import binascii
import hashlib
import os
import tempfile
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from image_builder.errors import BuildError, not_found, wrong_usage
from image_builder.exit_codes import ExitCode

PRIVATE = "image-key.pem"
PUBLIC = "image-key.pub.pem"
LIMIT = 16 * 1024  # bytes of a PEM file


def ensure(folder: Path) -> tuple[Ed25519PrivateKey, bool]:
    """The key that signs, and whether it had to be made now."""
    if (folder / PRIVATE).exists():
        return load(folder), False
    make(folder)
    return load(folder), True


def make(folder: Path) -> None:
    """Make a key; raises BuildError where there is one."""
    private = folder / PRIVATE
    if private.exists():
        raise BuildError(
            ExitCode.REFUSED,
            f"There is a key in {private} already.",
            "Move it away first; images that it signed stay valid while its public key is trusted.",
        )
    key = Ed25519PrivateKey.generate()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write(folder / PUBLIC, public_pem(key.public_key()), 0o644)
        write(private, _private_pem(key), 0o600)
    except OSError as error:
        raise wrong_usage(f"{folder} cannot be written: {error.strerror}.") from None


def load(folder: Path) -> Ed25519PrivateKey:
    """The key that signs; raises BuildError where there is none, or one that cannot be used."""
    path = folder / PRIVATE
    try:
        data = path.read_bytes()[:LIMIT]
    except FileNotFoundError:
        raise not_found(
            f"There is no signature key at {path}.", "`python -m image_builder key` makes one."
        ) from None
    except OSError as error:
        raise _unusable(path, f"it cannot be read: {error.strerror}") from None
    try:
        key = form.load_pem_private_key(data, password=None)
    except (ValueError, TypeError):
        raise _unusable(path, "it is no private key in PEM form without a password") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise _unusable(path, "it is not an Ed25519 key")
    _restore_public(folder, key)
    return key


def _restore_public(folder: Path, key: Ed25519PrivateKey) -> None:
    """Images and servers are given the public key from the file beside the private one."""
    path, text = folder / PUBLIC, public_pem(key.public_key())
    if not path.exists() or path.read_bytes() != text:
        write(path, text, 0o644)


def public_keys(folder: Path) -> list[Path]:
    """Files of the folder that hold a public Ed25519 key."""
    return sorted(path for path in folder.glob("*.pem") if read_public(path) is not None)


def read_public(path: Path) -> Ed25519PublicKey | None:
    """The public key in a file, or None."""
    try:
        key = form.load_pem_public_key(path.read_bytes()[:LIMIT])
    except (OSError, ValueError):
        return None
    return key if isinstance(key, Ed25519PublicKey) else None


def key_id(key: Ed25519PublicKey) -> str:
    """First 16 hexadecimal digits of the SHA-256 of the key in DER form."""
    der = key.public_bytes(form.Encoding.DER, form.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()[:16]


def public_pem(key: Ed25519PublicKey) -> bytes:
    """SubjectPublicKeyInfo in PEM form."""
    return key.public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo)


def sign(key: Ed25519PrivateKey, data: bytes) -> bytes:
    """The signature in base64, with a newline: 89 bytes."""
    return base64.b64encode(key.sign(data)) + b"\n"


def signer(data: bytes, signature: bytes, folder: Path) -> str:
    """The id of the key in the folder that signed the data; empty where none did."""
    try:
        raw = base64.b64decode(signature.strip(), validate=True)
    except binascii.Error:
        return ""
    for path in public_keys(folder):
        key = read_public(path)
        try:
            if key is not None:
                key.verify(raw, data)
                return key_id(key)
        except InvalidSignature:
            continue
    return ""


def _private_pem(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())


def write(path: Path, data: bytes, mode: int) -> None:
    """Write a whole file at once, never readable for more people than in the end."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        os.fchmod(descriptor, mode)
        os.fsync(descriptor)
    Path(temporary).replace(path)


def _unusable(path: Path, why: str) -> BuildError:
    return BuildError(
        ExitCode.DENIED,
        f"The signature key {path} cannot be used: {why}.",
        "Mend it, or point BEARMAN_IMAGE_KEYS_DIR at another folder.",
    )
