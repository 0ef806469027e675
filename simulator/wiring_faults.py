"""What can be wrong with the cables of a machine."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from simulator.fabric import FREE_PORT, SIDES, switch
from simulator.fault import (
    DARK_AND_READY,
    REGISTER_FAILED,
    Fault,
    Needs,
    Outcome,
    Outputs,
    Surroundings,
)
from simulator.hardware.cable import Cable, Cabling, Medium
from simulator.hardware.identity import Identity

HOSTILE = '"};reboot;$(poweroff)`x`<script>alert(1)</script>{{7*7}}\x1b[2J\u202e'
ELSEWHERE = "r99"  # a rack of another row
WRONG_VLAN, SMALL_FRAMES = 999, 1522
SLOWER = {100_000: 10_000, 25_000: 10_000, 10_000: 1000}  # Mb/s
WEAK_DBM, TOO_WEAK_DBM = -14.2, -17.9  # modules here alarm below -13.1 dBm
LIT_AND_FAILED = Outcome(REGISTER_FAILED, lit=True)

Change = Callable[[Cabling, Surroundings], Cabling]


def _is_on(medium: Medium) -> Callable[[Identity], bool]:
    def suits(identity: Identity) -> bool:
        return identity.uplinks[0].nic.cable == medium

    return suits


def _has_module(identity: Identity) -> bool:
    return identity.uplinks[0].nic.cable != Medium.TWISTED


def _can_be_slower(identity: Identity) -> bool:
    return identity.uplinks[0].nic.mbps > 1000


def _spare(identity: Identity) -> str:
    """An interface of the same card that should have no cable; empty where there is none."""
    nic, uplinks = identity.uplinks[0].nic, identity.uplinks
    names = [port.name for port in identity.ports if port.nic == nic and port not in uplinks]
    return names[0] if names else ""


def _has_spare_port(identity: Identity) -> bool:
    return bool(_spare(identity))


def _names(cables: Cabling) -> tuple[str, str]:
    """The interfaces on the side a and on the side b."""
    first, second = cables
    return first, second


def _second(**changes: Any) -> Change:
    """The cable on side b is otherwise."""

    def change(cables: Cabling, _around: Surroundings) -> Cabling:
        _, name = _names(cables)
        return {**cables, name: replace(cables[name], **changes)}

    return change


def _leads(cable: Cable, to: Cable) -> Cable:
    """A cable that leads where another one should."""
    return replace(cable, switch=to.switch, port=to.port)


def _wrong_switch(cables: Cabling, _around: Surroundings) -> Cabling:
    _, name = _names(cables)
    return {**cables, name: replace(cables[name], switch=switch(ELSEWHERE, SIDES[1]))}


def _hostile_switch(cables: Cabling, _around: Surroundings) -> Cabling:
    _, name = _names(cables)
    hostile = replace(cables[name].switch, name=HOSTILE, descr=HOSTILE * 50, port=_braced(HOSTILE))
    return {**cables, name: replace(cables[name], switch=hostile)}


def _braced(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _swapped_pair(cables: Cabling, _around: Surroundings) -> Cabling:
    a, b = _names(cables)
    return {a: _leads(cables[a], cables[b]), b: _leads(cables[b], cables[a])}


def _swapped_with_neighbour(cables: Cabling, around: Surroundings) -> Cabling:
    a, _ = _names(cables)
    return {**cables, a: _leads(cables[a], next(iter(around.neighbour.values())))}


def _one_switch(cables: Cabling, _around: Surroundings) -> Cabling:
    a, b = _names(cables)
    return {**cables, b: replace(cables[b], switch=cables[a].switch, port=FREE_PORT)}


def _slower(cables: Cabling, _around: Surroundings) -> Cabling:
    _, b = _names(cables)
    return {**cables, b: replace(cables[b], mbps=SLOWER[cables[b].mbps])}


def _wrong_socket(cables: Cabling, around: Surroundings) -> Cabling:
    a, b = _names(cables)
    empty = replace(cables[b], link=False, plugged=False)
    return {a: cables[a], b: empty, _spare(around.identity): cables[b]}


def _silent_switch(cables: Cabling, _around: Surroundings) -> Cabling:
    return {name: replace(cable, speaks=False) for name, cable in cables.items()}


def _garbage_lldp(outputs: Outputs) -> Outputs:
    return replace(outputs, lldp=outputs.lldp[: len(outputs.lldp) // 2] + b"\xff\xfe{[")


def _fault(name: str, about: str, code: str, cables: Change, **more: Any) -> Fault:
    """A fault that the wiring plan finds, and that ends the registration."""
    return Fault(
        name,
        about,
        more.pop("expected", LIT_AND_FAILED),
        issues=tuple(filter(None, (code, *more.pop("also", ())))),
        needs=Needs.PLAN,
        cables=cables,
        **more,
    )


WIRING_FAULTS = (
    _fault(
        "cable-missing",
        "nothing is plugged into its second socket",
        "WIRE-001",
        _second(link=False, plugged=False),
        suits=_is_on(Medium.TWISTED),
    ),
    _fault(
        "wrong-switch",
        "its second cable leads to the switch of another rack",
        "WIRE-002",
        _wrong_switch,
    ),
    _fault(
        "wrong-port",
        "its second cable is in another port of the right switch",
        "WIRE-003",
        _second(port=FREE_PORT),
    ),
    _fault("swapped-pair", "its two cables are swapped", "WIRE-004", _swapped_pair),
    _fault(
        "swapped-with-neighbour",
        "a cable of its is swapped with one of another machine, which has the same fault",
        "WIRE-005",
        _swapped_with_neighbour,
        paired=True,
        # The first of the two, as long as the other was not seen, in one rack or in two.
        also=("WIRE-002", "WIRE-003"),
    ),
    _fault("one-switch", "both cables lead to one switch", "WIRE-006", _one_switch),
    _fault(
        "wrong-vlan",
        "its second switch port is in another VLAN",
        "WIRE-007",
        _second(vlan=WRONG_VLAN),
    ),
    _fault(
        "small-frames",
        "its second switch port takes small frames only",
        "WIRE-008",
        _second(max_frame=SMALL_FRAMES),
    ),
    _fault(
        "low-speed",
        "its second link came up with less than its speed",
        "WIRE-009",
        _slower,
        suits=_can_be_slower,
    ),
    _fault("no-lldp", "its switches do not speak LLDP", "WIRE-010", _silent_switch),
    _fault(
        "lldp-garbage",
        "lldpcli prints half of what it should, and rubbish",
        "WIRE-011",
        lambda cables, _around: cables,
        outputs=_garbage_lldp,
    ),
    _fault(
        "lldp-hostile",
        "its second switch is named with shell, HTML and terminal commands",
        "WIRE-002",
        _hostile_switch,
    ),
    _fault(
        "fibre-reversed",
        "the two fibres of its second pair are reversed",
        "WIRE-012",
        _second(link=False, rx_dbm=None),
        suits=_is_on(Medium.FIBRE),
    ),
    _fault(
        "fibre-dead",
        "both of its fibre pairs are dead",
        "WIRE-012",
        lambda cables, _around: {
            name: replace(cable, link=False, rx_dbm=-40.0) for name, cable in cables.items()
        },
        suits=_is_on(Medium.FIBRE),
    ),
    _fault(
        "link-down-with-light",
        "its second link is down though light comes in",
        "WIRE-013",
        _second(link=False),
        suits=_is_on(Medium.FIBRE),
    ),
    _fault(
        "laser-off",
        "its second module sends no light",
        "WIRE-014",
        _second(link=False, tx_dbm=None),
        suits=_is_on(Medium.FIBRE),
    ),
    _fault(
        "no-module",
        "its second socket is empty",
        "WIRE-015",
        _second(link=False, plugged=False),
        suits=_has_module,
    ),
    _fault(
        "weak-light",
        "its second fibre is dirty, and the link is up all the same",
        "",
        _second(rx_dbm=WEAK_DBM),
        expected=DARK_AND_READY,
        suits=_is_on(Medium.FIBRE),
    ),
    _fault(
        "light-too-weak",
        "its second fibre is so dirty that there is no link",
        "WIRE-017",
        _second(link=False, rx_dbm=TOO_WEAK_DBM),
        suits=_is_on(Medium.FIBRE),
    ),
    _fault(
        "copper-dead",
        "its second copper cable gets no answer",
        "WIRE-028",
        _second(link=False),
        suits=_is_on(Medium.COPPER),
    ),
    _fault(
        "wrong-socket",
        "its second cable is plugged into a socket that should be empty",
        "WIRE-020",
        _wrong_socket,
        suits=_has_spare_port,
    ),
)
