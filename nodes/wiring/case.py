"""One comparison: what is read, what is wanted, and how the words of findings begin."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bearman.lib.issues import Found
from bearman.lib.issues import wiring as issues
from nodes.wiring.lldp import Neighbour
from nodes.wiring.plan import End, Peer, Wanted
from nodes.wiring.readings import Reading, Readings


@dataclass(slots=True)
class Case:
    """A machine's readings beside its plan; findings and what could not be checked pile up here."""

    readings: Readings
    wanted: Wanted
    peers: Sequence[Peer] = ()
    found: list[Found] = field(default_factory=list)
    unsaid: list[str] = field(default_factory=list)
    explained: set[str] = field(default_factory=set)  # interfaces that a finding has spoken for

    def at(self, interface: str) -> str:
        """Return an interface with the place of its machine."""
        return f"{interface} ({self.wanted.place})" if self.wanted.place else interface

    @property
    def machine(self) -> str:
        """Return the machine by its place."""
        return f"The machine in {self.wanted.place}" if self.wanted.place else "The machine"

    def owner(self, neighbour: Neighbour) -> Peer | None:
        """Return whose port that is by the plan, where it is another machine's."""
        peers = (p for p in self.peers if p.belongs_to(neighbour.switch, neighbour.port))
        return next(peers, None)

    def occupant(self, end: End) -> Peer | None:
        """Return which other machine was seen on that port."""
        return next((peer for peer in self.peers if peer.sits_at(end)), None)

    def check_link(self, reading: Reading, neighbour: Neighbour | None, end: End) -> None:
        """Look at speed, native VLAN and frame size of a link that leads where it should."""
        self._check_speed(reading, end)
        if neighbour is None:
            return
        where = f"{self.at(reading.name)} on {neighbour}"
        if end.vlan and neighbour.vlan is None:
            self.unsaid.append(f"the native VLAN of {reading.name}")
        elif end.vlan and neighbour.vlan != end.vlan:
            self.found.append(
                Found(
                    issues.WRONG_VLAN,
                    reading.name,
                    f"{where} is in VLAN {neighbour.vlan}; {end.source} says VLAN {end.vlan}.",
                    f"Set the native VLAN of {neighbour} to {end.vlan}, or mend the plan.",
                )
            )
        if end.mtu and neighbour.mtu is None:
            self.unsaid.append(f"the MTU of {reading.name}")
        elif end.mtu and neighbour.mtu is not None and neighbour.mtu < end.mtu:
            self.found.append(
                Found(
                    issues.WRONG_MTU,
                    reading.name,
                    f"{where} takes frames of {neighbour.mtu} bytes at most; {end.source} demands "
                    f"an MTU of {end.mtu}.",
                    f"Raise the MTU of {neighbour} to {end.mtu} or more, or mend the plan.",
                )
            )

    def _check_speed(self, reading: Reading, end: End) -> None:
        speed = reading.link.speed_mbps
        if end.speed and speed is None:
            self.unsaid.append(f"the speed of {reading.name}")
        elif end.speed and speed is not None and speed < end.speed * 1000:
            to = f" to {reading.neighbour()}" if reading.neighbours else ""
            words = (
                f"{self.at(reading.name)} has a link{to} with {gigabits(speed)}; {end.source} "
                f"demands {end.speed} Gb/s."
            )
            self.found.append(Found(issues.SLOW, reading.name, words))

    def check_strangers(self, reading: Reading) -> None:
        """Tell where several devices speak on one cable."""
        if len(reading.strangers) > 1:
            names = listed(str(one) for one in reading.strangers)
            words = f"On {self.at(reading.name)} {len(reading.strangers)} devices speak: {names}."
            self.found.append(Found(issues.SEVERAL_NEIGHBOURS, reading.name, words))

    def no_lldp(self, reading: Reading, end: End | None) -> None:
        """Tell that a link is up, but nobody says who is there."""
        where = f"; it should lead to {end} ({end.source})" if end else ""
        words = f"{self.at(reading.name)} has a link, but no LLDP says to whom{where}."
        self.found.append(Found(issues.NO_LLDP, reading.name, words))


def gigabits(mbps: int) -> str:
    """Return a speed in words."""
    return f"{mbps / 1000:g} Gb/s" if mbps >= 1000 else f"{mbps} Mb/s"


def listed(words: Iterable[str], most: int = 6) -> str:
    """Return words with commas and an "and", at most so many of them."""
    every = list(words)
    if len(every) > most:
        return f"{', '.join(every[:most])} and {len(every) - most} more"
    return " and ".join(filter(None, (", ".join(every[:-1]), *every[-1:])))
