"""Names and addresses that a certificate may be for."""

import re
from collections.abc import Iterable, Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit

from bearman.lib.errors import Invalid

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*")  # RFC 1123 section 2.1
MAX_NAME = 253


def is_address(text: str) -> bool:
    """Say whether the text is an IPv4 or IPv6 address."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def hosts(texts: Iterable[str]) -> list[str]:
    """Return names in lower case and addresses in their usual form, each once; raises Invalid."""
    return list(dict.fromkeys(_host(text.strip()) for text in texts))


def domains(texts: Iterable[str]) -> list[str]:
    """Return domain names, each once; raises Invalid for anything else."""
    found = hosts(texts)
    for text in found:
        if is_address(text):
            raise Invalid(f"{text} is no domain.", advice="Write one such as example.org.")
    return found


def host_of(url_or_target: str) -> str:
    """Return the host of a URL or of HOST:PORT, without brackets; empty for none."""
    text = url_or_target if "://" in url_or_target else f"//{url_or_target}"
    return urlsplit(text).hostname or ""


def outside(found: Sequence[str], inside: Sequence[str]) -> list[str]:
    """Return the names that are in none of the domains `inside`; addresses are in all."""
    return [
        host
        for host in found
        if not is_address(host) and not any(f".{host}".endswith(f".{one}") for one in inside)
    ]


def _host(text: str) -> str:
    if is_address(text):
        return str(ip_address(text))
    name = text.lower().rstrip(".")
    if len(name) > MAX_NAME or not _NAME.fullmatch(name):
        raise Invalid(
            f"{text[:100]!r} is neither a host name nor an address.",
            advice="Write names such as bearman.example.org, without https:// and port.",
        )
    return name
