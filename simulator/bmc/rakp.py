"""Cipher suites, RAKP authentication codes and session keys (IPMI 2.0 sections 13.28 to 13.32)."""

import hmac
import os
import struct
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 16  # AES block, and the length of its initialisation vector: section 13.29


class BadPayloadError(Exception):
    """An encrypted payload that does not decrypt to what the sender must have padded."""


@dataclass(frozen=True, slots=True)
class CipherSuite:
    """One row of table 22-20: algorithm numbers of tables 13-17, 13-18 and 13-19."""

    number: int
    authentication: int
    integrity: int
    confidentiality: int
    digest: str
    integrity_length: int

    def record(self) -> bytes:
        """The suite as Get Channel Cipher Suites lists it (table 22-18)."""
        return bytes(
            [
                0xC0,
                self.number,
                self.authentication,
                0x40 | self.integrity,
                0x80 | self.confidentiality,
            ]
        )


SUITE_3 = CipherSuite(3, 1, 1, 1, "sha1", 12)  # HMAC-SHA1, HMAC-SHA1-96, AES-CBC-128
SUITE_17 = CipherSuite(17, 3, 4, 1, "sha256", 16)  # HMAC-SHA256, HMAC-SHA256-128, AES-CBC-128
SUITES = (SUITE_3, SUITE_17)


@dataclass(frozen=True, slots=True)
class Exchange:
    """What both sides know of one RAKP exchange; names follow section 13.31."""

    suite: CipherSuite
    console_session: int
    bmc_session: int
    console_random: bytes
    bmc_random: bytes
    guid: bytes
    role: int
    user_name: bytes

    def _identity(self) -> bytes:
        return bytes([self.role, len(self.user_name)]) + self.user_name

    def rakp2_code(self, password: bytes) -> bytes:
        """Key exchange authentication code of RAKP message 2."""
        sessions = struct.pack("<II", self.console_session, self.bmc_session)
        randoms = self.console_random + self.bmc_random
        return self._hmac(password, sessions + randoms + self.guid + self._identity())

    def rakp3_code(self, password: bytes) -> bytes:
        """Key exchange authentication code that RAKP message 3 must carry."""
        session = struct.pack("<I", self.console_session)
        return self._hmac(password, self.bmc_random + session + self._identity())

    def session_integrity_key(self, password: bytes) -> bytes:
        """SIK of section 13.31, with the password in the place of an unset K_G."""
        return self._hmac(password, self.console_random + self.bmc_random + self._identity())

    def rakp4_code(self, integrity_key: bytes) -> bytes:
        """Integrity check value of RAKP message 4, cut to the suite's length."""
        session = struct.pack("<I", self.bmc_session)
        code = self._hmac(integrity_key, self.console_random + session + self.guid)
        return code[: self.suite.integrity_length]

    def _hmac(self, key: bytes, data: bytes) -> bytes:
        return hmac.digest(key, data, self.suite.digest)


@dataclass(frozen=True, slots=True)
class SessionKeys:
    """K1 for integrity and K2 for encryption (section 13.32)."""

    suite: CipherSuite
    integrity: bytes
    encryption: bytes

    @classmethod
    def derive(cls, suite: CipherSuite, integrity_key: bytes) -> "SessionKeys":
        """Derive both keys from the session integrity key."""
        first = hmac.digest(integrity_key, b"\x01" * 20, suite.digest)
        second = hmac.digest(integrity_key, b"\x02" * 20, suite.digest)
        return cls(suite, first, second[:BLOCK])

    def authcode(self, covered: bytes) -> bytes:
        """Integrity code over everything after the RMCP header (section 13.28.4)."""
        return hmac.digest(self.integrity, covered, self.suite.digest)[
            : self.suite.integrity_length
        ]

    def encrypt(self, plain: bytes) -> bytes:
        """Initialisation vector and ciphertext, padded with 1, 2, 3, ... (table 13-20)."""
        pad = -(len(plain) + 1) % BLOCK
        vector = os.urandom(BLOCK)
        cipher = Cipher(algorithms.AES(self.encryption), modes.CBC(vector)).encryptor()
        return vector + cipher.update(plain + bytes(range(1, pad + 1)) + bytes([pad]))

    def decrypt(self, sealed: bytes) -> bytes:
        """The plain payload; raises BadPayloadError when length or padding is wrong."""
        if len(sealed) < 2 * BLOCK or len(sealed) % BLOCK:
            raise BadPayloadError("length is no multiple of the AES block")
        cipher = Cipher(algorithms.AES(self.encryption), modes.CBC(sealed[:BLOCK])).decryptor()
        padded = cipher.update(sealed[BLOCK:])
        pad = padded[-1]
        if pad >= BLOCK or padded[-1 - pad : -1] != bytes(range(1, pad + 1)):
            raise BadPayloadError("padding does not match")
        return padded[: -1 - pad]
