"""Every kind of fault of a machine's cables, with what must be found: no more and no less."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from tests.nodes.wiring.fabric import Machine, Wire, switches_of

Expected = tuple[str, str, tuple[str, ...]]  # code, subject, names that the message must have
DARK = -40.0


@dataclass(frozen=True)
class Fault:
    """`hurt` changes a machine and says what must be found; `media` are those that can have it."""

    name: str
    code: str
    hurt: Callable[[Machine, str, random.Random], Expected]
    media: tuple[str, ...] = ("sfp", "qsfp", "dac", "rj45")


def _end(machine: Machine, name: str) -> tuple[str, str]:
    wire = machine.wires[name]
    return wire.switch, str(wire.port)


def _down(wire: Wire) -> Wire:
    wire.up = False
    return wire


def no_cable(machine: Machine, name: str, rng: random.Random) -> Expected:
    _down(machine.wires[name])
    return (
        "WIRE-001",
        name,
        (name, f"rack {machine.rack}, unit {machine.unit}", *_end(machine, name)),
    )


def no_meter(machine: Machine, name: str, rng: random.Random) -> Expected:
    wire = _down(machine.wires[name])
    wire.tx, wire.rx = [], []
    return "WIRE-001", name, (name, "does not measure light", *_end(machine, name))


def wrong_switch(machine: Machine, name: str, rng: random.Random) -> Expected:
    was = _end(machine, name)
    machine.wires[name].switch = "leaf-far9a"
    return "WIRE-002", name, (name, "leaf-far9a", *was)


def wrong_port(machine: Machine, name: str, rng: random.Random) -> Expected:
    was = _end(machine, name)
    machine.wires[name].port = 90 + int(name[-1])
    return "WIRE-003", name, (name, str(90 + int(name[-1])), *was)


def wrong_vlan(machine: Machine, name: str, rng: random.Random) -> Expected:
    machine.wires[name].vlan = rng.choice((1, 101, 4094))
    return "WIRE-007", name, (name, f"VLAN {machine.wires[name].vlan}", "VLAN 100")


def small_frames(machine: Machine, name: str, rng: random.Random) -> Expected:
    machine.wires[name].frame = rng.choice((1500, 1518, 8999))
    return "WIRE-008", name, (name, str(machine.wires[name].frame), "9000")


def slow(machine: Machine, name: str, rng: random.Random) -> Expected:
    machine.wires[name].speed = rng.choice((100, 1000, 10_000, 24_999))
    return "WIRE-009", name, (name, "25 Gb/s")


def silent(machine: Machine, name: str, rng: random.Random) -> Expected:
    machine.wires[name].lldp = False
    return "WIRE-010", name, (name, *_end(machine, name))


def no_light(machine: Machine, name: str, rng: random.Random) -> Expected:
    wire = _down(machine.wires[name])
    wire.rx = [rng.choice((DARK, -38.2, -31.0)) for _ in wire.rx]
    return "WIRE-012", name, (name, "sees none", *_end(machine, name))


def one_dark_lane(machine: Machine, name: str, rng: random.Random) -> Expected:
    wire = _down(machine.wires[name])
    wire.rx[2] = DARK
    return "WIRE-012", name, (name, "lane 3 of 4")


def light_no_link(machine: Machine, name: str, rng: random.Random) -> Expected:
    _down(machine.wires[name])
    return "WIRE-013", name, (name, "sees light", *_end(machine, name))


def laser_off(machine: Machine, name: str, rng: random.Random) -> Expected:
    wire = _down(machine.wires[name])
    wire.tx = [DARK for _ in wire.tx]
    wire.rx = [rng.choice((DARK, -2.0)) for _ in wire.rx]
    return "WIRE-014", name, (name, "sends no light", *_end(machine, name))


def no_module(machine: Machine, name: str, rng: random.Random) -> Expected:
    _down(machine.wires[name]).module = False
    return "WIRE-015", name, (name, *_end(machine, name))


def weak(machine: Machine, name: str, rng: random.Random) -> Expected:
    wire = machine.wires[name]
    wire.rx[-1] = -16.5
    return "WIRE-016", name, (name, "-16.5 dBm", "-13.9 dBm")


def too_weak(machine: Machine, name: str, rng: random.Random) -> Expected:
    wire = _down(machine.wires[name])
    wire.rx[0] = -21.0
    return "WIRE-017", name, (name, "-21.0 dBm", *_end(machine, name))


def no_interface(machine: Machine, name: str, rng: random.Random) -> Expected:
    machine.wires[name].exists = False
    return "WIRE-018", name, (name, *_end(machine, name))


def switched_off(machine: Machine, name: str, rng: random.Random) -> Expected:
    wire = machine.wires[name]
    wire.on, wire.up = False, False
    return "WIRE-019", name, (name, *_end(machine, name))


def several(machine: Machine, name: str, rng: random.Random) -> Expected:
    machine.wires[name].stranger = "desk-switch"
    return "WIRE-025", name, (name, "desk-switch")


def copper_down(machine: Machine, name: str, rng: random.Random) -> Expected:
    _down(machine.wires[name])
    return "WIRE-028", name, (name, *_end(machine, name))


OPTICAL = ("sfp", "qsfp")
ON_ONE = (
    Fault("cable missing", "WIRE-001", no_cable, ("rj45",)),
    Fault("no link, module without meter", "WIRE-001", no_meter, OPTICAL),
    Fault("wrong switch", "WIRE-002", wrong_switch),
    Fault("wrong port", "WIRE-003", wrong_port),
    Fault("wrong native VLAN", "WIRE-007", wrong_vlan),
    Fault("frames too small", "WIRE-008", small_frames),
    Fault("low speed", "WIRE-009", slow),
    Fault("neighbour without LLDP", "WIRE-010", silent),
    Fault("fibre reversed or dead", "WIRE-012", no_light, OPTICAL),
    Fault("one fibre of four dead", "WIRE-012", one_dark_lane, ("qsfp",)),
    Fault("light but no link", "WIRE-013", light_no_link, OPTICAL),
    Fault("laser off", "WIRE-014", laser_off, OPTICAL),
    Fault("no module", "WIRE-015", no_module, ("sfp", "qsfp", "dac")),
    Fault("weak light, link up", "WIRE-016", weak, OPTICAL),
    Fault("light too weak for a link", "WIRE-017", too_weak, OPTICAL),
    Fault("interface missing", "WIRE-018", no_interface),
    Fault("interface switched off", "WIRE-019", switched_off),
    Fault("small switch in between", "WIRE-025", several),
    Fault("copper cable without link", "WIRE-028", copper_down, ("dac",)),
)


def swapped(machine: Machine, name: str, rng: random.Random) -> Expected:
    one, other = machine.wires["ens1f0"], machine.wires["ens1f1"]
    (one.switch, one.port), (other.switch, other.port) = (
        (other.switch, other.port),
        (one.switch, one.port),
    )
    return "WIRE-004", "ens1f0, ens1f1", ("ens1f0", "ens1f1", one.switch, other.switch)


def one_switch(machine: Machine, name: str, rng: random.Random) -> Expected:
    first, second = switches_of(machine.rack)
    for port, moved in ((94, "eno2"), (95, "ens1f1")):
        machine.wires[moved].switch, machine.wires[moved].port = first, port
    return "WIRE-006", "eno2, ens1f1", ("eno2", "ens1f1", first, "94", "95", second)


def wrong_socket(machine: Machine, name: str, rng: random.Random) -> Expected:
    wire = machine.wires["ens1f1"]
    machine.wires["ens9"] = Wire(wire.switch, wire.port, medium=wire.medium)
    _down(wire)
    return "WIRE-020", "ens1f1", ("ens9", "ens1f1", wire.switch, str(wire.port))


def lldp_garbage(machine: Machine, name: str, rng: random.Random) -> Expected:
    machine.lldp = rng.choice((b"", b"{", b'{"lldp": {"interface"', b"command not found", b"[]"))
    return "WIRE-011", "", (f"rack {machine.rack}",)


def ip_garbage(machine: Machine, name: str, rng: random.Random) -> Expected:
    machine.ip_link = rng.choice((b"", b"[{", b"null", b"\xff\xfe"))
    return "WIRE-027", "", (f"rack {machine.rack}",)


def unsaid(machine: Machine, name: str, rng: random.Random) -> Expected:
    machine.wires["ens1f0"].vlan = None
    return "WIRE-023", "", ("the native VLAN of ens1f0",)


def not_planned(machine: Machine, name: str, rng: random.Random) -> Expected:
    machine.wires["ens9"] = Wire("mgmt-1", 3, medium="rj45")
    return "WIRE-026", "ens9", ("ens9", "mgmt-1", "3")


def circle(machine: Machine, name: str, rng: random.Random) -> Expected:
    names = ("eno2", "ens1f0", "ens1f1")
    ends = [(machine.wires[n].switch, machine.wires[n].port) for n in names]
    for n, (switch, port) in zip(names, ends[1:] + ends[:1], strict=True):
        machine.wires[n].switch, machine.wires[n].port = switch, port
    return "WIRE-004", ", ".join(names), names


# Of a pair or of another interface; in combinations beside faults of eno1.
ON_MORE = (
    Fault("two cables swapped", "WIRE-004", swapped),
    Fault("three cables in a circle", "WIRE-004", circle),
    Fault("cable in the wrong socket", "WIRE-020", wrong_socket),
    Fault("VLAN not told", "WIRE-023", unsaid),
    Fault("cable that is not planned", "WIRE-026", not_planned),
)
ALONE = (
    Fault("all links on one switch", "WIRE-006", one_switch),
    Fault("lldpcli says nothing usable", "WIRE-011", lldp_garbage),
    Fault("ip link says nothing usable", "WIRE-027", ip_garbage),
)
