"""What a machine sees of its cables, put together from the outputs of its programs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from nodes.inventory import InventoryError, Nic, parse_ip_link
from nodes.wiring.link import Link, parse_link
from nodes.wiring.lldp import LLDP, Neighbour, parse_lldp
from nodes.wiring.module import Module, parse_module
from nodes.wiring.plan import End


@dataclass(frozen=True, slots=True)
class RawLink:
    """What ethtool says of one interface: its settings, its module, and what `-m` complained."""

    interface: str
    settings: bytes = b""
    module: bytes = b""
    module_error: bytes = b""

    def size(self) -> int:
        """Return the size of all in bytes."""
        return len(self.interface) + sum(map(len, (self.settings, self.module, self.module_error)))


@dataclass(frozen=True, slots=True)
class RawWiring:
    """What a machine sends of its cables, as its programs printed it."""

    lldp: bytes
    ip_link: bytes
    links: Sequence[RawLink]

    def size(self) -> int:
        """Return the size of all in bytes."""
        return len(self.lldp) + len(self.ip_link) + sum(link.size() for link in self.links)


@dataclass(frozen=True, slots=True)
class Reading:
    """One interface. `on` and `carrier` are None where nothing tells; `counts` where it is one of
    the machine's own sockets rather than, say, the USB link to its BMC.
    """

    name: str
    on: bool | None = True
    carrier: bool | None = None
    link: Link = field(default_factory=Link)
    module: Module = field(default_factory=Module)
    neighbours: tuple[Neighbour, ...] = ()
    counts: bool = True

    @property
    def is_up(self) -> bool:
        """Tell whether there is a link."""
        return self.carrier is True

    @property
    def strangers(self) -> tuple[Neighbour, ...]:
        """Return a neighbour for each chassis that speaks LLDP here; a cable leads to one only."""
        speaking = [one for one in self.neighbours if one.protocol == LLDP]
        return tuple({one.chassis or one.switch: one for one in reversed(speaking)}.values())

    def neighbour(self, end: End | None = None) -> Neighbour | None:
        """Return the neighbour; of several the one at `end`, else the first by LLDP."""
        for one in self.neighbours:
            if end is not None and is_at(one, end):
                return one
        return self.neighbours[0] if self.neighbours else None


@dataclass(frozen=True, slots=True)
class Readings:
    """All interfaces by name, and which outputs were of no use: a program, and why."""

    interfaces: Mapping[str, Reading] = field(default_factory=dict)
    unreadable: Mapping[str, str] = field(default_factory=dict)


def is_at(neighbour: Neighbour, end: End) -> bool:
    """Tell whether a neighbour is that port of that switch, by its name or its address."""
    return end.is_at(neighbour.switch, neighbour.port) or (
        bool(neighbour.chassis) and end.is_at(neighbour.chassis, neighbour.port)
    )


def readings_of(raw: RawWiring) -> Readings:
    """Return what a machine's outputs say; one that cannot be read is named and left out."""
    unreadable: dict[str, str] = {}
    neighbours: dict[str, tuple[Neighbour, ...]] = {}
    nics: list[Nic] | None = None
    try:
        neighbours = parse_lldp(raw.lldp)
    except InventoryError as error:
        unreadable["lldpcli"] = str(error).rstrip(".")
    try:
        nics = parse_ip_link(raw.ip_link)
    except InventoryError as error:
        unreadable["ip link"] = str(error).rstrip(".")
    by_name = {link.interface: link for link in raw.links}
    if nics is None:
        names = dict.fromkeys((*by_name, *neighbours))
        read = [_without_nic(name, by_name.get(name), neighbours.get(name, ())) for name in names]
    else:
        read = list(_with_nics(nics, by_name, neighbours))
    return Readings({reading.name: reading for reading in read}, unreadable)


def _with_nics(
    nics: Iterable[Nic],
    links: Mapping[str, RawLink],
    neighbours: Mapping[str, tuple[Neighbour, ...]],
) -> Iterable[Reading]:
    for nic in nics:
        raw = links.get(nic.name, RawLink(nic.name))
        link = parse_link(raw.settings)
        on = nic.carrier is not None
        yield Reading(
            name=nic.name,
            on=on,
            carrier=nic.carrier if on else False,
            link=link,
            module=parse_module(raw.module, raw.module_error),
            neighbours=neighbours.get(nic.name, ()) if nic.carrier else (),
            counts=nic.identifies,
        )


def _without_nic(name: str, raw: RawLink | None, neighbours: tuple[Neighbour, ...]) -> Reading:
    raw = raw or RawLink(name)
    link = parse_link(raw.settings)
    carrier = True if neighbours else link.detected
    module = parse_module(raw.module, raw.module_error)
    return Reading(name, None, carrier, link, module, neighbours)
