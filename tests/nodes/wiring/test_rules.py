"""Rules on the links of a machine, without exact ends."""

import random
from dataclasses import replace

import pytest

from nodes.wiring.compare import compare
from nodes.wiring.plan import Rules, Wanted
from nodes.wiring.readings import readings_of
from tests.nodes.wiring.fabric import MEDIA, STYLES, Machine, Wire, machine_at
from tests.nodes.wiring.outputs import raw_wiring
from tests.nodes.wiring.rig import checked, codes, node_made, plan_made

RULES = Rules(links=2, switches=2, same_port=True, speed=25, vlan=100, mtu=9000, source="plan two")


def two_links(style: str = "swp{}", medium: str = "sfp") -> Machine:
    """A machine with four sockets, of which two have a cable."""
    machine = machine_at("r1", 7, style, medium)
    for name in ("ens1f0", "ens1f1"):
        machine.wires[name].up, machine.wires[name].module = False, False
    return machine


def found(machine: Machine, rules: Rules = RULES) -> list[str]:
    readings = readings_of(raw_wiring(machine, random.Random(2)))
    return [f"{f.issue.code} {f.message}" for f in compare(readings, Wanted(rules=rules))]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("medium", MEDIA)
def test_two_links_on_two_switches_with_one_port_number_are_as_ruled(
    style: str, medium: str
) -> None:
    assert found(two_links(style, medium)) == []


def test_a_link_that_is_missing_is_told_by_number_where_several_sockets_could_have_it() -> None:
    machine = two_links()
    machine.wires["eno2"].up, machine.wires["eno2"].module = False, False
    assert found(machine) == [
        "WIRE-021 The machine has 1 links (eno1); no link on eno2, ens1f0 and ens1f1; plan two "
        "demands 2."
    ]


def test_a_link_that_is_missing_is_told_by_its_light_where_a_module_shows_which_it_is() -> None:
    machine = two_links()
    machine.wires["eno2"].up, machine.wires["eno2"].rx = False, [-40.0]
    (words,) = found(machine)
    assert words.startswith("WIRE-012 eno2 has no link")


def test_where_all_sockets_must_have_links_the_one_without_is_named() -> None:
    machine = machine_at("r1", 7, "swp{}", "rj45")
    machine.wires["ens1f1"].up = False
    (words,) = found(machine, Rules(links=4))
    assert words.startswith("WIRE-001 ens1f1 has no link")


def test_both_links_on_one_switch_are_told_once() -> None:
    machine = two_links()
    machine.wires["eno2"].switch, machine.wires["eno2"].port = "leaf-r1a", 8
    assert found(machine) == [
        "WIRE-006 eno1 and eno2 are all on leaf-r1a; plan two demands 2 different switches."
    ]


def test_different_port_numbers_are_told_once() -> None:
    machine = two_links()
    machine.wires["eno2"].port = 8
    (words,) = found(machine)
    assert words.startswith("WIRE-022 The machine has eno1 on leaf-r1a port swp7 and eno2 on")


def test_vlan_mtu_and_speed_are_looked_at_on_each_link() -> None:
    machine = two_links()
    machine.wires["eno1"].vlan, machine.wires["eno2"].speed = 5, 10_000
    machine.wires["eno2"].frame = 1500
    assert sorted(words[:8] for words in found(machine)) == ["WIRE-007", "WIRE-008", "WIRE-009"]


def test_rules_about_some_interfaces_leave_the_others_alone() -> None:
    machine = two_links()
    machine.wires["mgmt0"] = Wire("mgmt-1", 3, medium="rj45", speed=1000, vlan=1)
    assert [words[:8] for words in found(machine, RULES)] != []
    rules = Rules(2, 2, same_port=True, speed=25, interfaces=("eno*", "ens*"))
    assert [words[:8] for words in found(machine, rules)] == ["WIRE-026"]


def test_a_link_without_lldp_is_told_only_where_the_rules_need_it() -> None:
    machine = two_links()
    machine.wires["eno2"].lldp = False
    assert [words[:8] for words in found(machine)] == ["WIRE-010"]
    assert found(machine, Rules(links=2, speed=25)) == []


@pytest.mark.django_db
@pytest.mark.issue("WIRE-006", "WIRE-021", "WIRE-022")
def test_the_service_compares_with_the_rules_of_a_plan() -> None:
    plan_made("two", links=2, switches=2, same_port=True, speed=25)
    machine = two_links()
    node = node_made(machine)
    assert checked(node, machine).passed
    machine.wires["eno2"].port = 8
    assert codes(checked(node, machine)) == ["WIRE-022"]
    machine.wires["eno2"].switch = "leaf-r1a"
    assert codes(checked(node, machine)) == ["WIRE-006"]
    machine.wires["eno2"].up, machine.wires["eno2"].module = False, False
    assert codes(checked(node, machine)) == ["WIRE-021"]


def nameless(*interfaces: str) -> list[str]:
    """What is found where neighbours give neither the name of their switch nor its address."""
    readings = readings_of(raw_wiring(two_links(), random.Random(2)))
    unnamed = {
        name: replace(
            reading,
            neighbours=tuple(replace(one, switch="", chassis="") for one in reading.neighbours),
        )
        if name in interfaces
        else reading
        for name, reading in readings.interfaces.items()
    }
    found = compare(replace(readings, interfaces=unnamed), Wanted(rules=RULES))
    return [f"{f.issue.code} {f.subject}" for f in found]


def test_neighbours_that_name_no_switch_are_never_taken_for_two_switches() -> None:
    assert nameless("eno1", "eno2") == ["WIRE-010 eno1", "WIRE-010 eno2"]
    assert nameless("eno2") == ["WIRE-010 eno2"]
