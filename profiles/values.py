"""Values that go into configurations: each is checked, or refused with ValueError. No Django.

The errors are clauses without a full stop, so that callers can say whose value it is.
"""

import base64
import binascii
import re
from ipaddress import ip_address
from uuid import UUID

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"  # RFC 1123 section 2.1
_HOSTNAME = re.compile(_LABEL)
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_INTERFACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,14}")  # Linux: IFNAMSIZ is 16 with the NUL
_MAC = re.compile(r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}")
_DISK = re.compile(r"/dev/[A-Za-z0-9_+:.-]+(?:/[A-Za-z0-9_+:.-]+)*")
_URL = re.compile(r"https?://[A-Za-z0-9.:_\[\]-]+(?:/[A-Za-z0-9.:_/~-]*)?")
_SECRET = re.compile(r"[A-Za-z0-9_-]{0,100}")
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9 ._/+-]")
_NOT_COMMENT = re.compile(r"[^A-Za-z0-9._@+-]")
MAX_PLAIN = 100  # characters
KEY_TYPES = frozenset(
    {
        "ssh-ed25519",
        "ssh-rsa",
        "ecdsa-sha2-nistp256",
        "ecdsa-sha2-nistp384",
        "ecdsa-sha2-nistp521",
        "sk-ssh-ed25519@openssh.com",
        "sk-ecdsa-sha2-nistp256@openssh.com",
    }
)
BOND_MODES = frozenset(  # Linux, Documentation/networking/bonding.rst
    {
        "balance-rr",
        "active-backup",
        "balance-xor",
        "broadcast",
        "802.3ad",
        "balance-tlb",
        "balance-alb",
    }
)


def plain(text: str) -> str:
    """Return free text from a machine as letters, digits, blanks and `._/+-`; others become `_`.

    At most 100 characters, no blanks at the ends, and no `-` at the start, which would be an
    option to a program and a list to YAML.
    """
    kept = _NOT_PLAIN.sub("_", text).strip()[:MAX_PLAIN].rstrip()
    return f"_{kept[1:]}" if kept.startswith("-") else kept


def hostname(text: str) -> str:
    """Return a host name without domain in lower case (RFC 1123)."""
    return _matching(_HOSTNAME, text.lower(), "host name")


def domain(text: str) -> str:
    """Return a domain in lower case (RFC 1123), or the empty text."""
    name = text.lower()
    return _matching(_DOMAIN, name, "domain") if name and len(name) <= 180 else _empty(name)


def machine_uuid(text: str) -> str:
    """Return a UUID in its usual form, or the empty text."""
    try:
        return str(UUID(text)) if text else ""
    except ValueError as error:
        raise ValueError(f"{text[:60]!r} is not a UUID") from error


def interface(text: str) -> str:
    """Return the name of a network interface."""
    return _matching(_INTERFACE, text, "interface name")


def mac(text: str) -> str:
    """Return a MAC address in lower case with colons."""
    return _matching(_MAC, text.lower(), "MAC address")


def address(text: str) -> str:
    """Return the canonical form of an IP address without zone."""
    try:
        return str(ip_address(text)) if "%" not in text else _refuse(text, "IP address")
    except ValueError as error:
        raise ValueError(f"{text[:60]!r} is not an IP address") from error


def disk(text: str) -> str:
    """Return the path of a device below /dev, or the empty text."""
    if ".." in text:
        return _refuse(text, "path of a disk")
    return _matching(_DISK, text, "path of a disk") if text else ""


def url(text: str) -> str:
    """Return an http or https address without a slash at its end, or the empty text."""
    return _matching(_URL, text, "web address").rstrip("/") if text else ""


def secret(text: str) -> str:
    """Return a token or a nonce; the error does not show it."""
    if not _SECRET.fullmatch(text):
        raise ValueError("a token or nonce has characters that it cannot have")
    return text


def bond_mode(text: str) -> str:
    """Return a bond's mode as Linux names it, or the empty text."""
    return text if text in BOND_MODES or not text else _refuse(text, "bond mode")


def ssh_key(line: str) -> str:
    """Return a public SSH key as `TYPE BASE64 COMMENT`, its comment made harmless (RFC 4253)."""
    kind, _, rest = line.strip().partition(" ")
    body, _, comment = rest.strip().partition(" ")
    try:
        blob = base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        blob = b""
    inside = len(kind).to_bytes(4) + kind.encode()
    if kind not in KEY_TYPES or not blob.startswith(inside) or len(blob) <= len(inside):
        raise ValueError(f"{line.strip()[:40]!r} is not a public SSH key")
    return f"{kind} {body} {_NOT_COMMENT.sub('_', comment.strip())[:60]}".strip()


def _matching(pattern: re.Pattern[str], text: str, what: str) -> str:
    return text if pattern.fullmatch(text) else _refuse(text, what)


def _empty(text: str) -> str:
    return "" if not text else _refuse(text, "domain")


def _refuse(text: str, what: str) -> str:
    raise ValueError(f"{text[:60]!r} is not a valid {what}")
