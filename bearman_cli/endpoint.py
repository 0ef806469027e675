"""Where the server is, and whether the way to it is encrypted."""

import re
import ssl
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv6Address, ip_address
from pathlib import Path

from bearman_cli.errors import wrong_usage
from bearman_cli.options import Options

DEFAULT_PORT = 50051
MAX_PORT = 65535
ENDPOINT = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]{1,253})(?::(?P<port>\d{1,5}))?")

# Where distributions keep all trusted roots in one file: Debian, then Red Hat.
SYSTEM_ROOTS = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt")


@dataclass(frozen=True)
class Endpoint:
    """A host (name, IPv4, or IPv6 without brackets) and a TCP port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """True where the traffic cannot leave this machine."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def parse(text: str) -> Endpoint:
    """Read HOST, HOST:PORT or [IPV6]:PORT."""
    if not text:
        raise wrong_usage(
            "It is not known where Bearman is.",
            "Give --server HOST:PORT before the verb, or set BEARMAN_GRPC.",
        )
    match = ENDPOINT.fullmatch(text)
    port = int(match["port"] or DEFAULT_PORT) if match else 0
    if match is None or not 1 <= port <= MAX_PORT or not _host_is_right(match["host"]):
        raise wrong_usage(
            f"--server {text!r} is not an address.", "Write HOST:PORT, [IPV6]:PORT or only HOST."
        )
    return Endpoint(match["host"].strip("[]"), port)


def _host_is_right(host: str) -> bool:
    try:
        return not host.startswith("[") or bool(IPv6Address(host.strip("[]")))
    except AddressValueError:
        return False


def trusted_roots(endpoint: Endpoint, options: Options) -> bytes | None:
    """The certificates (PEM) to trust, or None for a plain connection.

    A token must not cross a network in the clear unless somebody said so.
    """
    if options.plaintext and (options.ca or options.tls):
        raise wrong_usage(
            "--plaintext contradicts --ca and --tls.",
            "Unset BEARMAN_PLAINTEXT, or BEARMAN_CA and BEARMAN_TLS.",
        )
    if options.ca:
        return _read_roots(Path(options.ca))
    if options.tls:
        return _read_roots(_system_roots())
    if options.plaintext or endpoint.is_loopback:
        return None
    raise wrong_usage(
        f"The connection to {endpoint} would not be encrypted, and the token could be read.",
        "Set BEARMAN_CA (--ca FILE) or BEARMAN_TLS=1 (--tls); or allow it with BEARMAN_PLAINTEXT=1 "
        "(--plaintext).",
    )


def _read_roots(path: Path) -> bytes:
    try:
        roots = path.read_bytes()
    except OSError as error:
        raise wrong_usage(f"The CA file {path} cannot be read: {error.strerror}.") from None
    if b"-----BEGIN CERTIFICATE-----" not in roots:  # RFC 7468 section 5.1
        raise wrong_usage(f"The CA file {path} holds no certificate in PEM form.")
    return roots


def _system_roots() -> Path:
    """OpenSSL's own file (SSL_CERT_FILE changes it), or the distribution's."""
    chosen = ssl.get_default_verify_paths().cafile
    for path in (Path(name) for name in (chosen, *SYSTEM_ROOTS) if name):
        if path.is_file():
            return path
    raise wrong_usage("This system has no file of trusted roots.", "Give --ca FILE instead.")
