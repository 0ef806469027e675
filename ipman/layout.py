"""The addresses that a pool can hand out, and the rules for its range; knows no Django."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from ipman.spans import Span, without

Ip = IPv4Address | IPv6Address

# Below lie the IPv4-mapped and IPv4-compatible addresses (RFC 4291 section 2.5.5). PostgreSQL
# and Python write them in different ways.
_FIRST_IPV6 = 2**48


@dataclass(frozen=True, slots=True)
class Layout:
    """A range of addresses in its network, and what of it is reserved."""

    first: Ip
    last: Ip
    prefix_length: int
    gateway: Ip | None = None
    reserved: tuple[Span, ...] = ()

    @property
    def family(self) -> int:
        """4 or 6."""
        return self.first.version

    @property
    def network(self) -> IPv4Network | IPv6Network:
        """The network around the range."""
        return ip_network((self.first, self.prefix_length), strict=False)

    def allowed(self) -> list[Span]:
        """Return the addresses that may be handed out, as integers."""
        never = [*_special(self.network), *([self.gateway] if self.gateway else [])]
        holes = [Span(int(address), int(address)) for address in never]
        return without([Span(int(self.first), int(self.last))], [*holes, *self.reserved])

    def faults(self) -> Iterator[tuple[str, str]]:
        """Yield a field's name and a sentence for each rule that the layout breaks."""
        if self.last.version != self.family:
            yield "last", f"{self.first} and {self.last} are not of the same family."
        elif int(self.last) < int(self.first):
            yield "last", f"{self.last} comes before the first address, {self.first}."
        elif self.family == 6 and int(self.first) < _FIRST_IPV6:
            yield "first", f"{self.first} is an IPv4 address in disguise; write it as IPv4."
        elif not 1 <= self.prefix_length <= self.first.max_prefixlen:
            longest = self.first.max_prefixlen
            yield "prefix_length", f"IPv{self.family} has prefix lengths from 1 to {longest}."
        else:
            yield from self._faults_in_network()

    def _faults_in_network(self) -> Iterator[tuple[str, str]]:
        if self.last not in self.network:
            yield "last", f"{self.last} is outside of {self.network}, the first address's network."
        if self.gateway is not None and self.gateway not in self.network:
            yield "gateway", f"The gateway {self.gateway} is outside of {self.network}."


def _special(network: IPv4Network | IPv6Network) -> list[Ip]:
    """Return what no host may have: the network's own address and the IPv4 broadcast address.

    Point-to-point networks have none (RFC 3021 for /31, RFC 6164 for /127). The first address of
    an IPv6 network is the Subnet-Router anycast address (RFC 4291 section 2.6.1).
    """
    if network.prefixlen >= network.max_prefixlen - 1:
        return []
    if isinstance(network, IPv6Network):
        return [network.network_address]
    return [network.network_address, network.broadcast_address]


def addresses(numbers: Iterable[int], family: int) -> list[str]:
    """Return addresses of a family (4 or 6) in their canonical form."""
    kind = IPv4Address if family == 4 else IPv6Address
    return [str(kind(number)) for number in numbers]


def to_texts(spans: list[Span], family: int) -> list[list[str]]:
    """Return spans as pairs of addresses in their canonical form."""
    return [addresses(span, family) for span in spans]


def from_texts(pairs: list[list[str]]) -> list[Span]:
    """Return the spans behind pairs of addresses; the way back of `to_texts`."""
    return [Span(int(ip_address(first)), int(ip_address(last))) for first, last in pairs]
