"""What machines print of their cables, read back by the product's own parsers."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.inventory import parse_ip_link
from nodes.wiring.link import parse_link
from nodes.wiring.lldp import parse_lldp
from nodes.wiring.module import Presence, parse_module
from nodes.wiring.names import port_number
from simulator import fabric
from simulator.fabric import Stand, cabling, stands
from simulator.hardware import ethtool, linux
from simulator.hardware.cable import Cable, Medium
from simulator.hardware.catalogue import models
from simulator.hardware.identity import Identity, IdentityFactory, Port
from simulator.hardware.lldp import lldpcli
from simulator.hardware.optics import power

STAND = Stand("r1", 7)


def one_of_each_model() -> list[Identity]:
    factory = IdentityFactory(7)
    return [factory.make() for _ in models()]


each_model = pytest.mark.parametrize("machine", one_of_each_model(), ids=lambda m: m.model.name)


def with_uplinks(medium: Medium) -> Identity:
    return next(m for m in one_of_each_model() if m.uplinks[0].nic.cable == medium)


def second(machine: Identity, **changes: object) -> tuple[Port, Cable]:
    port = machine.uplinks[1]
    return port, replace(cabling(machine, STAND)[port.name], **changes)  # type: ignore[arg-type]


@each_model
def test_every_machine_has_a_cable_to_each_switch_of_its_rack(machine: Identity) -> None:
    cables = cabling(machine, STAND)
    assert [cable.switch.name for cable in cables.values()] == ["leaf-r1a", "leaf-r1b"]
    assert {cable.port for cable in cables.values()} == {7}
    assert set(cables) == {port.name for port in machine.uplinks}
    assert max(port.nic.mbps for port in machine.ports) == machine.uplinks[0].nic.mbps


@each_model
def test_lldpcli_names_switch_port_vlan_and_frame_size(machine: Identity) -> None:
    seen = parse_lldp(lldpcli(cabling(machine, STAND)))
    for (name, (neighbour,)), side in zip(seen.items(), "ab", strict=True):
        assert name in {port.name for port in machine.uplinks}
        assert neighbour.switch == f"leaf-r1{side}"
        assert (port_number(neighbour.port), neighbour.vlan, neighbour.mtu) == (7, 100, 9216)


@each_model
def test_ip_and_ethtool_agree_on_which_links_are_up(machine: Identity) -> None:
    cables = cabling(machine, STAND)
    for nic in parse_ip_link(linux.ip_link(machine, cables))[1:]:
        port = next(port for port in machine.ports if port.name == nic.name)
        link = parse_link(ethtool.settings(port, cables.get(port.name)))
        assert nic.carrier == link.detected == (nic.name in cables)
        assert link.speed_mbps == (port.nic.mbps if nic.carrier else None)


@pytest.mark.parametrize(
    ("medium", "presence", "copper"),
    [
        (Medium.TWISTED, Presence.UNKNOWN, False),
        (Medium.COPPER, Presence.PRESENT, True),
        (Medium.FIBRE, Presence.PRESENT, False),
    ],
)
def test_a_module_is_what_the_cable_is_made_of(
    medium: Medium, presence: Presence, copper: bool
) -> None:
    answer = ethtool.module(*second(with_uplinks(medium)))
    module = parse_module(answer.output, answer.complaint)
    assert (module.presence, module.copper) == (presence, copper)
    assert bool(module.lanes) == (medium is Medium.FIBRE)


@each_model
def test_light_is_read_back_as_strong_as_it_is(machine: Identity) -> None:
    if machine.uplinks[0].nic.cable != Medium.FIBRE:
        return
    port, cable = second(machine, tx_dbm=-1.5, rx_dbm=-9.0)
    module = parse_module(ethtool.module(port, cable).output)
    assert module.tx_dbm == pytest.approx(-1.5, abs=0.5)
    assert module.rx_dbm == pytest.approx(-9.0, abs=0.5)
    assert len(module.lanes) == (4 if cable.socket_mbps == 100_000 else 1)


def test_no_light_is_none_and_an_empty_socket_has_no_module() -> None:
    machine = with_uplinks(Medium.FIBRE)
    dark = parse_module(ethtool.module(*second(machine, rx_dbm=None)).output)
    assert [lane.sees for lane in dark.lanes] == [False] * len(dark.lanes)
    answer = ethtool.module(*second(machine, plugged=False))
    assert parse_module(answer.output, answer.complaint).presence is Presence.ABSENT


def test_who_is_silent_is_not_heard() -> None:
    machine = with_uplinks(Medium.FIBRE)
    cables = {name: replace(c, speaks=False) for name, c in cabling(machine, STAND).items()}
    assert parse_lldp(lldpcli(cables)) == {}
    first, *_ = cables
    one = {**cables, first: replace(cables[first], speaks=True)}
    assert list(parse_lldp(lldpcli(one))) == [first]


@given(st.floats(-60, 10))
def test_levels_of_light_have_one_meaning(dbm: float) -> None:
    words = power(dbm)
    shown = words.partition(" / ")[2].removesuffix(" dBm")
    assert float(shown) == pytest.approx(dbm, abs=0.006) or shown == "-inf"


@given(st.lists(st.sampled_from("xyz"), max_size=70))
def test_no_two_machines_stand_in_one_place(kinds: list[str]) -> None:
    found = stands(kinds)
    assert len(set(found)) == len(kinds)
    assert all(1 <= stand.unit < fabric.FREE_PORT for stand in found)
    racks = {stand.rack: kind for stand, kind in zip(found, kinds, strict=True)}
    assert all(racks[s.rack] == kind for s, kind in zip(found, kinds, strict=True))
