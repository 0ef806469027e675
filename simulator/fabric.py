"""Where the machines stand, and how they are cabled: racks with two leaf switches each."""

import zlib
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from simulator.hardware.cable import Cable, Cabling, Medium, Switch
from simulator.hardware.identity import Identity

UNITS_A_MACHINE = 2  # also below one that is a unit high: air must pass
MACHINES_A_RACK = 20
VLAN = 100  # native on all ports
MTU = 9000  # bytes that systems may send in one frame; the switches take more
SIDES = ("a", "b")
FREE_PORT = 47  # no machine stands so high

# How the systems of switches name themselves and their ports; each rack has another.
SYSTEMS = (
    ("Cumulus Linux version 5.6.0 running on Mellanox SN2410", "swp{}", "44:38:39"),
    (
        "Arista Networks EOS version 4.29.2F running on an Arista 7050SX3-48YC8",
        "Ethernet{}",
        "28:99:3a",
    ),
    ("Cisco Nexus Operating System (NX-OS) Software 10.2(5)", "Ethernet1/{}", "6c:03:09"),
)


@dataclass(frozen=True, slots=True)
class Stand:
    """A place in the racks; `unit` is the lowest that the machine takes, counted from the floor."""

    rack: str
    unit: int


def stands(kinds: Sequence[Hashable], first: int = 1) -> list[Stand]:
    """A place for each machine, in order; machines of different kinds share no rack.

    `first` is the number of the first rack.
    """
    taken: dict[Hashable, list[Stand]] = {}
    racks = first - 1
    found = []
    for kind in kinds:
        own = taken.setdefault(kind, [])
        if len(own) % MACHINES_A_RACK == 0:
            racks += 1
            rack = f"r{racks}"
        else:
            rack = own[-1].rack
        own.append(Stand(rack, 1 + UNITS_A_MACHINE * (len(own) % MACHINES_A_RACK)))
        found.append(own[-1])
    return found


def switch(rack: str, side: str) -> Switch:
    """The leaf switch of a rack on that side."""
    name = f"leaf-{rack}{side}"
    number = zlib.crc32(name.encode())
    descr, port, oui = SYSTEMS[int(rack.strip("r") or 0) % len(SYSTEMS)]
    return Switch(name, f"{oui}:{(number & 0xFFFFFF).to_bytes(3).hex(':')}", descr, port)


def cabling(identity: Identity, stand: Stand) -> Cabling:
    """The cables of a machine as they should be: both uplinks to the port of its unit."""
    return {
        port.name: Cable(
            switch=switch(stand.rack, side),
            port=stand.unit,
            medium=Medium(port.nic.cable),
            mbps=port.nic.mbps,
            socket_mbps=port.nic.mbps,
            vlan=VLAN,
        )
        for port, side in zip(identity.uplinks, SIDES, strict=True)
    }
