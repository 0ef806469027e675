"""Whose address a request comes from."""

from collections.abc import Iterable
from contextlib import suppress
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from environs import EnvError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def networks(texts: Iterable[str], *, setting: str = "A setting") -> list[Network]:
    """Return networks from their CIDR forms; raises EnvError, naming the first that is none."""
    return [_network(text, setting) for text in texts]


def _network(text: str, setting: str) -> Network:
    try:
        return ip_network(text)
    except ValueError:
        raise EnvError(f"{setting}: {text!r} is no network.{_meant(text)}") from None


def _meant(text: str) -> str:
    """What was probably meant: a frequent slip is an address in the network, with its length."""
    with suppress(ValueError):
        return f" Write {ip_network(text, strict=False)}."
    return " Write it as 10.0.0.0/8 or 2001:db8::/32."


def client_address(peer: Address, forwarded: str, trusted: Iterable[Network]) -> Address:
    """Return the caller's address: the peer's, or where that is a trusted proxy, what it saw.

    `forwarded` is the X-Forwarded-For header. It is read from the right, as far as the proxies
    are trusted; what a client wrote into it itself is never believed.
    """
    networks = list(trusted)
    address = plain(peer)
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    while hops and any(address in network for network in networks):
        try:
            address = plain(ip_address(hops.pop()))
        except ValueError:
            break
    return address


def plain(address: Address) -> Address:
    """Return the IPv4 address inside an IPv4-mapped IPv6 one (RFC 4291 section 2.5.5.2)."""
    return getattr(address, "ipv4_mapped", None) or address
