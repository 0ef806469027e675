"""What a wiring check does to a node."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from pytest_django import Settings

from bearman.lib.errors import Conflict, Invalid, TooLarge
from bearman.notices.models import Trouble
from nodes.models import Cable, Finding, LinkState, Node, NodeEvent
from nodes.services.boot import BootCaller, Purpose
from nodes.services.cables import cable_save
from nodes.services.status import node_move
from nodes.services.wiring import NO_PLAN, wiring_check
from nodes.states import NodeStatus
from nodes.wiring.readings import RawLink, RawWiring
from profiles.models import Flavor, StopsAt
from tests.nodes.wiring.fabric import Machine, machine_at
from tests.nodes.wiring.rig import checked, codes, node_made, plan_made, sent

pytestmark = pytest.mark.django_db


def a_machine(unit: int = 7) -> Machine:
    return machine_at("r1", unit, "Ethernet1/{}", "sfp")


def swapped(machine: Machine) -> Machine:
    one, other = machine.wires["eno1"], machine.wires["eno2"]
    one.switch, other.switch = other.switch, one.switch
    return machine


def test_a_fault_ends_the_registration_and_a_second_check_lets_it_go_on() -> None:
    plan_made()
    machine = swapped(a_machine())
    node = node_made(machine)
    verdict = checked(node, machine)
    node.refresh_from_db()
    assert not verdict.passed
    assert (node.status, node.step, node.issue) == ("REGISTER_FAILED", "wiring", "WIRE-004")
    assert node.reason == verdict.reason == verdict.found[0].message
    assert node.advice == verdict.advice == "Swap the cables of eno1 and eno2 at the machine."
    assert Finding.objects.get().issue == "WIRE-004"
    assert set(LinkState.objects.filter(issue="WIRE-004").values_list("interface", flat=True)) == {
        "eno1",
        "eno2",
    }
    assert checked(node, swapped(machine)).passed
    node.refresh_from_db()
    assert (node.status, node.step, node.reason, node.issue) == ("REGISTERING", "wiring", "", "")
    assert not Finding.objects.exists()
    told = list(NodeEvent.objects.order_by("id").values_list("to_status", "message"))
    assert [status for status, _ in told] == ["REGISTER_FAILED", "REGISTERING", ""]
    assert told[-1][1] == "Its cables are as planned."


def test_the_same_call_again_says_the_same_and_tells_nobody_twice() -> None:
    plan_made()
    machine = swapped(a_machine())
    node = node_made(machine)
    first = checked(node, machine)
    events, troubles = NodeEvent.objects.count(), Trouble.objects.values_list("times", flat=True)
    before = list(troubles)
    assert checked(node, machine) == first
    assert NodeEvent.objects.count() == events
    assert list(troubles.all()) == before
    assert Finding.objects.get().issue == "WIRE-004"


def test_a_node_that_failed_in_a_later_step_goes_on_too() -> None:
    plan_made()
    machine = a_machine()
    node = node_made(machine)
    node_move(node_id=node.pk, to=NodeStatus.REGISTER_FAILED, step="confirm", reason="No BMC.")
    assert checked(node, machine).passed
    node.refresh_from_db()
    assert node.status == "REGISTERING"


def test_without_a_plan_it_passes_and_says_so_once_and_keeps_what_was_seen() -> None:
    machine = a_machine()
    node = node_made(machine)
    for _ in range(2):
        verdict = checked(node, machine)
        assert verdict.passed
        assert not verdict.found
    assert NodeEvent.objects.get().message == NO_PLAN
    state = LinkState.objects.get(interface="eno2")
    assert (state.port, state.port_number, state.vlan) == ("Ethernet1/7", 7, 100)
    assert (state.tx_dbm, state.rx_dbm, state.speed_mbps) == (-1.5, -2.5, 25_000)
    assert state.switch.startswith("leaf-r1b")


@pytest.mark.issue("WIRE-024")
def test_a_machine_whose_place_is_not_known_is_told_so_and_passes() -> None:
    plan_made()
    node = node_made(a_machine(), rack="", unit=None)
    verdict = checked(node, a_machine())
    assert verdict.passed
    assert codes(verdict) == ["WIRE-024"]
    assert "has no rack and no unit" in verdict.found[0].message


def test_a_plan_for_some_racks_only_makes_a_machine_without_a_rack_doubtful() -> None:
    plan_made("some", rack_pattern="r*", patterns="eno1 -> leaf-a:7")
    assert codes(checked(node_made(a_machine(), rack=""), a_machine())) == ["WIRE-024"]


@pytest.mark.parametrize(("rack", "unit"), [("", None), ("r1", None), ("", 4)])
def test_cables_by_place_make_a_machine_of_unknown_place_doubtful(
    rack: str, unit: int | None
) -> None:
    cable_save(cable=Cable(rack="r1", unit=7, interface="eno1", switch="leaf-a", port="7"))
    node = node_made(a_machine(), rack=rack, unit=unit)
    assert codes(checked(node, a_machine())) == ["WIRE-024"]


@pytest.mark.parametrize(
    ("stops_at", "passes"), [(StopsAt.ERROR, True), (StopsAt.WARNING, False), (StopsAt.NEVER, True)]
)
def test_the_flavor_says_which_findings_stop(stops_at: StopsAt, passes: bool) -> None:
    plan_made()
    flavor = Flavor.objects.create(name="f", stops_at=stops_at)
    machine = a_machine()
    machine.wires["eno1"].rx = [-16.0]
    node = node_made(machine, flavor=flavor)
    verdict = checked(node, machine)
    assert codes(verdict) == ["WIRE-016"]
    assert verdict.passed is passes


def test_a_flavor_that_stops_at_nothing_lets_errors_pass_and_tells_them() -> None:
    plan_made()
    node = node_made(a_machine(), flavor=Flavor.objects.create(name="f", stops_at=StopsAt.NEVER))
    assert checked(node, swapped(a_machine())).passed
    assert NodeEvent.objects.get().issue == "WIRE-004"


def test_an_exact_cable_wins_over_a_pattern_and_a_serial_over_a_place() -> None:
    plan_made()
    cable_save(cable=Cable(rack="R1", unit=7, interface="eno1", switch="leaf-x", port="1"))
    cable_save(cable=Cable(serial="sn-r1-07", interface="eno1", switch="leaf-y", port="2"))
    verdict = checked(node_made(a_machine()), a_machine())
    assert codes(verdict) == ["WIRE-002"]
    assert "the list of cables says leaf-y port 2" in verdict.reason


def test_the_plan_of_the_flavor_wins_over_the_one_for_all_and_priority_over_both() -> None:
    flavor = Flavor.objects.create(name="f")
    plan_made("all", patterns="eno1 -> all:1")
    plan_made("own", patterns="eno1 -> own:1", flavor=flavor)
    node = node_made(a_machine(), flavor=flavor)
    assert "plan own says" in checked(node, a_machine()).reason
    plan_made("first", patterns="eno1 -> first:1", priority=5)
    assert "plan first says" in checked(node, a_machine()).reason


def test_a_port_that_another_machine_was_seen_on_is_told_with_a_missing_cable() -> None:
    plan_made()
    squatter, machine = a_machine(9), machine_at("r1", 7, "Ethernet1/{}", "rj45")
    squatter.wires["eno1"].port = 7
    checked(node_made(squatter), squatter)
    machine.wires["eno1"].up = False
    node = node_made(machine)
    verdict = checked(node, machine)
    assert "(rack r1, unit 9) eno1 was seen on that port last" in verdict.reason


def test_several_faults_are_told_in_one_text_with_the_worst_first() -> None:
    plan_made()
    machine = a_machine()
    machine.wires["eno1"].rx = [-16.0]
    machine.wires["eno2"].vlan = 7
    machine.wires["ens1f0"].up = False
    verdict = checked(node_made(machine), machine)
    assert codes(verdict) == ["WIRE-007", "WIRE-013", "WIRE-016"]
    assert verdict.issue
    assert verdict.issue.code == "WIRE-007"
    assert "VLAN 7" in verdict.reason
    assert "sees light" in verdict.reason
    assert "-16.0" not in verdict.reason  # a warning ends nothing


@pytest.mark.parametrize("status", ["QUARANTINED", "READY", "IN_USE", "MAINTENANCE", "RETIRED"])
def test_a_node_in_another_status_is_refused(status: str) -> None:
    node = node_made(a_machine(), status=status)
    with pytest.raises(Conflict, match=status):
        checked(node, a_machine())
    assert not LinkState.objects.exists()


def test_a_machine_that_has_not_registered_is_refused() -> None:
    caller = BootCaller(1, "", None, Purpose.REGISTER, "127.0.0.1")
    with pytest.raises(Conflict, match="not registered"):
        wiring_check(caller=caller, raw=RawWiring(b"", b"", []))


def test_what_is_too_large_or_has_impossible_names_is_refused(settings: Settings) -> None:
    node = node_made(a_machine())
    with pytest.raises(Invalid, match="not the name"):
        sent(node, RawWiring(b"", b"", [RawLink("$(reboot)")]))
    with pytest.raises(Invalid, match="twice"):
        sent(node, RawWiring(b"", b"", [RawLink("eno1"), RawLink("eno1")]))
    with pytest.raises(Invalid, match="513 interfaces"):
        sent(node, RawWiring(b"", b"", [RawLink(f"e{n}") for n in range(513)]))
    settings.INVENTORY_MAX_BYTES = 100
    with pytest.raises(TooLarge, match="101 bytes"):
        sent(node, RawWiring(b"x" * 101, b"", []))


def test_nothing_at_all_from_the_machine_is_a_finding_and_no_exception() -> None:
    plan_made()
    verdict = sent(node_made(a_machine()), RawWiring(b"", b"", []))
    assert codes(verdict) == ["WIRE-027", "WIRE-011"]
    assert not verdict.passed


@pytest.mark.django_db(transaction=True)
def test_machines_that_check_at_the_same_time_neither_deadlock_nor_lose_findings() -> None:
    plan_made()
    fleet = [a_machine(unit) for unit in range(1, 17)]
    for one, other in zip(fleet[::2], fleet[1::2], strict=True):
        a, b = one.wires["eno1"], other.wires["eno1"]
        a.port, b.port = b.port, a.port
    nodes = [node_made(machine) for machine in fleet]
    start = threading.Barrier(8)

    def check_thrice(number: int) -> None:
        start.wait()
        for _ in range(3):
            for index in (number, number + 8):
                checked(nodes[index], fleet[index])
        connections.close_all()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(check_thrice, range(8)))
    assert Finding.objects.filter(issue="WIRE-005").count() == 16
    assert Node.objects.filter(status="REGISTER_FAILED").count() == 16
