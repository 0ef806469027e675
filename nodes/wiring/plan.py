"""What a machine must be cabled like."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from nodes.wiring.names import same_port, same_switch


@dataclass(frozen=True, slots=True)
class End:
    """The far end of a cable: a switch and its port, and what the link must be like.

    `speed` is the least in Gb/s, `vlan` the native one, `mtu` what frames must carry, in bytes;
    None asks for nothing. `source` says who wants it, such as `plan leaf-pairs`.
    """

    switch: str
    port: str
    speed: int | None = None
    vlan: int | None = None
    mtu: int | None = None
    source: str = "the plan"

    def is_at(self, switch: str, port: str) -> bool:
        """Tell whether this is that port of that switch."""
        return same_switch(self.switch, switch) and same_port(self.port, port)

    def __str__(self) -> str:
        return f"{self.switch} port {self.port}"


@dataclass(frozen=True, slots=True)
class Rules:
    """What the links of a machine must have in common; 0 and None ask for nothing.

    `links` is the least number of links, `switches` that of different switches. `interfaces` are
    shell patterns of the names that this is about; none: all.
    """

    links: int = 0
    switches: int = 0
    same_port: bool = False
    speed: int | None = None
    vlan: int | None = None
    mtu: int | None = None
    interfaces: tuple[str, ...] = ()
    source: str = "the plan"

    def about(self, interface: str) -> bool:
        """Tell whether the rules are about this interface."""
        return not self.interfaces or any(fnmatchcase(interface, one) for one in self.interfaces)

    @property
    def asks(self) -> bool:
        """Tell whether there is anything that they ask for."""
        return bool(
            self.links or self.switches or self.same_port or self.speed or self.vlan or self.mtu
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """All that is wanted of one machine: ends by interface, and rules for the other interfaces.

    `place` says where it stands, in words. `lacking` are those of rack and unit that are not known
    of the machine and that patterns, or the choice of a plan, need.
    """

    ends: Mapping[str, End] = field(default_factory=dict)
    rules: Rules | None = None
    place: str = ""
    lacking: Sequence[str] = ()

    @property
    def asks(self) -> bool:
        """Tell whether there is anything to compare with."""
        return bool(self.ends or self.rules or self.lacking)


@dataclass(frozen=True, slots=True)
class Peer:
    """An interface of another machine: where it must lead, and where it was seen last."""

    node_id: int
    name: str
    interface: str
    end: End | None = None
    seen_switch: str = ""
    seen_port: str = ""

    def __str__(self) -> str:
        return f"{self.name} {self.interface}"

    def sits_at(self, end: End) -> bool:
        """Tell whether it was seen on that port."""
        return bool(self.seen_switch) and end.is_at(self.seen_switch, self.seen_port)

    def belongs_to(self, switch: str, port: str) -> bool:
        """Tell whether that port is where it must lead."""
        return self.end is not None and self.end.is_at(switch, port)
