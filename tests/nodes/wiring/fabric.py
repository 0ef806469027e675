"""A made-up fabric: machines in racks under pairs of switches, as they should be cabled."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

VLAN, MTU, FRAME, SPEED = 100, 9000, 9216, 25_000
MEDIA = ("sfp", "qsfp", "dac", "rj45")
STYLES = ("Ethernet1/{}", "Eth1/{}", "et-0/0/{}", "swp{}", "{}", "junos", "mac")
INTERFACES = ("eno1", "eno2", "ens1f0", "ens1f1")
RX, TX, RX_LOW = -2.5, -1.5, -13.9


@dataclass
class Wire:
    """What hangs on an interface, as the machine sees it."""

    switch: str
    port: int
    medium: str = "sfp"
    vlan: int | None = VLAN
    frame: int | None = FRAME
    speed: int | None = SPEED
    exists: bool = True
    on: bool = True
    up: bool = True
    lldp: bool = True
    stranger: str = ""
    module: bool = True
    tx: list[float] = field(default_factory=list)
    rx: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        lanes = {"sfp": 1, "qsfp": 4}.get(self.medium, 0)
        self.tx, self.rx = self.tx or [TX] * lanes, self.rx or [RX] * lanes


@dataclass
class Machine:
    """A machine at its place; `lldp` and `ip_link`, if given, are what these programs print."""

    rack: str
    unit: int
    style: str
    wires: dict[str, Wire]
    lldp: bytes | None = None
    ip_link: bytes | None = None

    @property
    def serial(self) -> str:
        """Its serial number."""
        return f"SN-{self.rack}-{self.unit:02}"


def switches_of(rack: str) -> tuple[str, str]:
    """The pair of switches in a rack."""
    return f"leaf-{rack}a", f"leaf-{rack}b"


def wanted_end(machine: Machine, interface: str) -> tuple[str, int]:
    """Switch and port number of an interface: by turns on one of the two; the second card 40 up."""
    index = INTERFACES.index(interface)
    return switches_of(machine.rack)[index % 2], machine.unit + 40 * (index // 2)


def machines(rng: random.Random, racks: int, units: int) -> Iterator[Machine]:
    """Machines that are cabled as they should be, of all media and with all kinds of switches."""
    for rack in range(1, racks + 1):
        style = STYLES[rack % len(STYLES)]
        for unit in range(1, units + 1):
            yield machine_at(f"r{rack}", unit, style, rng.choice(MEDIA))


def machine_at(rack: str, unit: int, style: str, medium: str) -> Machine:
    """A machine that is cabled as it should be."""
    machine = Machine(rack, unit, style, {})
    for name in INTERFACES:
        machine.wires[name] = Wire(*wanted_end(machine, name), medium=medium)
    return machine


PATTERNS = "\n".join(
    f"{name} -> leaf-{{rack}}{'ab'[index % 2]}:{{unit{'+40' if index // 2 else ''}}}"
    for index, name in enumerate(INTERFACES)
)
