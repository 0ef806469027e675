"""Fleets without shells, against a small Bearman that logs in to their BMCs."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nodes.bmc import BmcEndpoint, driver_for
from protos.bearman.v1 import nodes_pb2 as pb
from simulator import light_calls
from simulator.demo.ports import free_udp_port
from simulator.exercise import exercise
from simulator.faults import FAULTS
from simulator.fleet import Fleet
from simulator.life import Phase
from simulator.lineup import FleetPlan
from tests.simulator.bmc.rig import wait_until
from tests.simulator.peer import Peer, running_peer


@pytest.fixture
def peer() -> Iterator[Peer]:
    with running_peer(free_udp_port()) as peer:
        yield peer


def plan(peer: Peer, nodes: int, **faults: int) -> FleetPlan:
    return FleetPlan(
        nodes=nodes,
        url=peer.url,
        bmc_port=peer.bmc_port,
        faults={name.replace("_", "-"): count for name, count in faults.items()},
        light=True,
        concurrency=16,
    )


def test_two_hundred_machines_register_and_go_dark(peer: Peer) -> None:
    summary = exercise(plan(peer, 200), timeout=60)
    assert (summary.registered, summary.expected, summary.unexpected) == (200, 200, 0)
    assert [node.status for node in peer.nodes] == [pb.NODE_STATUS_READY] * 200
    assert summary.rate > 1
    assert summary.register_call.p50 is not None
    assert summary.whole_flow.p99 is not None
    assert summary.whole_flow.p99 < summary.seconds


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_each_fault_ends_as_it_says(peer: Peer, name: str) -> None:
    summary = exercise(peer.learn(plan(peer, 3, **{name: 1})), timeout=60)
    assert summary.as_json()["surprises"] == []
    assert summary.expected == 3
    seen = {node.issue for node in peer.nodes if node.issue}
    assert seen <= set(FAULTS[name].issues)


def test_a_machine_that_loses_power_registers_in_its_second_boot(peer: Peer) -> None:
    exercise(plan(peer, 1, power_cut=1), timeout=60)
    assert [node.registrations for node in peer.nodes] == [2]


def test_a_bearman_that_is_away_for_a_while_is_asked_again(
    peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(light_calls, "PAUSE_SECONDS", (0.01, 0.02))
    peer.away_for = 5
    assert exercise(plan(peer, 4), timeout=60).registered == 4


def test_a_machine_that_bearman_has_nothing_for_stays_lit(peer: Peer) -> None:
    with Fleet(plan(peer, 1)) as fleet:
        machine = fleet.machines[0]
        peer.scripts[machine.board.identity.uuid] = "#!ipxe\necho it is retired\nexit\n"
        assert list(fleet.press_buttons(20)) == [machine]
        assert machine.phase is Phase.LIT
        assert machine.ending is not None
        assert machine.ending.words == "it is retired"


def test_the_outcome_that_was_not_expected_is_a_surprise_with_its_reason(peer: Peer) -> None:
    with Fleet(plan(peer, 1)) as fleet:
        uuid = fleet.machines[0].board.identity.uuid
    peer.scripts[uuid] = "#!ipxe\necho it is retired\nexit\n"
    surprises = exercise(plan(peer, 1), timeout=20).as_json()["surprises"]
    assert [(s["expected"], s["seen"], s["why"]) for s in surprises] == [
        ("READY, off", "unregistered, on", "it is retired")
    ]


def test_a_machine_still_booting_at_the_end_of_the_time_is_not_at_rest(peer: Peer) -> None:
    with Fleet(plan(peer, 1)) as fleet:
        uuid = fleet.machines[0].board.identity.uuid
    peer.scripts[uuid] = "#!ipxe\nsleep 600\nreboot\n"
    began = time.monotonic()
    summary = exercise(plan(peer, 1), timeout=0.5)
    assert (summary.not_at_rest, summary.unexpected) == (1, 1)
    assert time.monotonic() - began < 10


def test_power_comes_and_goes_over_ipmi(peer: Peer) -> None:
    with Fleet(plan(peer, 1)) as fleet:
        machine = fleet.machines[0]
        list(fleet.press_buttons(20))
        node = peer.nodes[0]
        endpoint = BmcEndpoint(node.address, "bearman", node.password, peer.bmc_port)
        driver_for(endpoint).power_on()
        wait_until(lambda: node.registrations == 2)
        wait_until(lambda: machine.phase is Phase.OFF and not machine.board.bmc.powered)


def test_a_machine_whose_cables_are_put_right_registers(peer: Peer) -> None:
    with Fleet(peer.learn(plan(peer, 2, swapped_pair=1))) as fleet:
        list(fleet.press_buttons(20))
        (swapped,) = (machine for machine in fleet.machines if machine.phase is Phase.LIT)
        swapped.mend()
        wait_until(lambda: swapped.phase is Phase.OFF and not swapped.board.bmc.powered)
        assert swapped.ending is not None
        assert swapped.ending.outcome.status == "READY"


def test_a_fleet_leaves_no_folder_and_no_open_port(peer: Peer) -> None:
    with Fleet(plan(peer, 2)) as fleet:
        folder = fleet.folder
        list(fleet.press_buttons(20))
        assert folder.exists()
    assert not folder.exists()
    with Fleet(plan(peer, 2)) as again:  # takes the same addresses at the same port
        assert len(list(again.press_buttons(20))) == 2
        assert all(machine.phase is Phase.OFF for machine in again.machines)


def test_a_fleet_that_cannot_start_leaves_nothing(
    peer: Peer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(Fleet, "_install", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError), Fleet(plan(peer, 1)):
        pass
    assert list(tmp_path.iterdir()) == []
