"""BMC credentials: how they are made and how they are kept."""

import secrets
import string
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from bearman.lib.errors import Conflict

# IPMI 2.0 section 22.30 allows 20 bytes; many BMCs take 16 only. Letters and digits, since some
# firmware and some shells stumble over the rest: 16 of 62 are 95 bits.
PASSWORD_LENGTH = 16
_ALPHABET = string.ascii_letters + string.digits


def new_password() -> str:
    """Return a random password that every BMC accepts: upper case, lower case and a digit."""
    while True:
        text = "".join(secrets.choice(_ALPHABET) for _ in range(PASSWORD_LENGTH))
        if (
            any(map(str.isupper, text))
            and any(map(str.islower, text))
            and any(map(str.isdigit, text))
        ):
            return text


def encrypt(secret: str) -> bytes:
    """Encrypt with the newest of BEARMAN_CREDENTIAL_KEYS (Fernet: AES-128-CBC, HMAC-SHA256)."""
    return _cipher().encrypt(secret.encode())


def decrypt(kept: bytes | memoryview) -> str:
    """Decrypt what `encrypt` returned; raises Conflict under none of BEARMAN_CREDENTIAL_KEYS."""
    try:
        return _cipher().decrypt(bytes(kept)).decode()
    except InvalidToken as error:
        raise Conflict(
            "No key of BEARMAN_CREDENTIAL_KEYS opens this BMC's password.",
            advice="Put the key it was made with back behind the newest one, or boot the machine "
            "again, so that it gets a new password.",
        ) from error


@cache
def _cipher() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.CREDENTIAL_KEYS])
