"""CAs and certificates of servers, made for a test as Bearman makes its own."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bearman.lib.tls.certificates import SERVER_DAYS, authority, pem, server

DAY = timedelta(days=1)


class Authority:
    """A CA, and the certificates that it vouches for."""

    def __init__(self, name: str = "Test CA") -> None:
        self._pair = authority(name, (), datetime.now(UTC))
        self.pem = pem([self._pair.certificate])

    def server(
        self, address: str = "127.0.0.1", *, later: timedelta = timedelta(0)
    ) -> tuple[bytes, bytes]:
        """Certificate and key as PEM, for an address, made so much later than now."""
        pair = server(self._pair, [address], datetime.now(UTC) + later)
        return pem([pair.certificate]), pair.key_pem

    def context(
        self, folder: Path, address: str = "127.0.0.1", *, later: timedelta = timedelta(0)
    ) -> ssl.SSLContext:
        """The context of such a server; the folder gets what it reads."""
        both = folder / "server.pem"
        both.write_bytes(b"".join(self.server(address, later=later)))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(both)
        return context


EXPIRED, FUTURE = -(SERVER_DAYS + 1) * DAY, 2 * DAY  # of a certificate that is not good now
