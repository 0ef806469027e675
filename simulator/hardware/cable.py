"""A cable in one interface of a machine: where it leads, and what comes of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Medium(StrEnum):
    """What a cable is made of."""

    TWISTED = "twisted"  # into a socket of the card itself: no module
    COPPER = "copper"  # direct-attach: module and cable are one piece
    FIBRE = "fibre"  # a pair of fibres between two modules


@dataclass(frozen=True, slots=True)
class Switch:
    """A switch as its LLDP tells of it; `descr` is its system, `port` a pattern of its ports."""

    name: str
    chassis: str
    descr: str
    port: str

    def port_name(self, number: int) -> str:
        """The name of a port."""
        return self.port.format(number)


@dataclass(frozen=True, slots=True)
class Cable:
    """A cable, or an empty socket where `plugged` is false.

    `socket_mbps` is what the interface could do and `mbps` what the link has, in Mb/s. `tx_dbm` and
    `rx_dbm` are the light that its module sends and sees; None is no light.
    """

    switch: Switch
    port: int
    medium: Medium
    mbps: int
    socket_mbps: int
    vlan: int
    max_frame: int = 9216
    link: bool = True
    speaks: bool = True  # the switch sends LLDP
    plugged: bool = True
    tx_dbm: float | None = -2.1
    rx_dbm: float | None = -3.4

    @property
    def says_who(self) -> bool:
        """Whether lldpd hears somebody on it."""
        return self.link and self.speaks


Cabling = Mapping[str, Cable]  # by the name of the interface
