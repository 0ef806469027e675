"""Fleets that run the real autorun, register.sh and bearman-cli."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from nodes.bmc import BmcEndpoint, driver_for
from nodes.inventory import parse_dmidecode, parse_ip_link, parse_lsblk
from protos.bearman.v1 import nodes_pb2 as pb
from simulator.demo.ports import free_udp_port
from simulator.exercise import exercise
from simulator.faults import FAULTS
from simulator.firmware_faults import FIRMWARE_FAULTS
from simulator.fleet import Fleet
from simulator.life import Phase
from simulator.lineup import FleetPlan
from simulator.machine import Machine
from simulator.registration_faults import REGISTRATION_FAULTS
from tests.simulator.bmc.rig import wait_until
from tests.simulator.peer import Peer, running_peer

IN_SHELLS = sorted(fault.name for fault in REGISTRATION_FAULTS)
# One of each kind of output; light machines have them all.
CABLES_IN_SHELLS = (
    "cable-missing",
    "fibre-reversed",
    "lldp-garbage",
    "lldp-hostile",
    "no-lldp",
    "no-module",
    "swapped-pair",
)
FIRMWARE_IN_SHELLS = sorted(fault.name for fault in FIRMWARE_FAULTS)
SECONDS = 200.0


@pytest.fixture
def peer() -> Iterator[Peer]:
    with running_peer(free_udp_port()) as peer:
        yield peer


def plan(peer: Peer, nodes: int, *faults: str) -> FleetPlan:
    return FleetPlan(
        nodes=nodes,
        url=peer.url,
        bmc_port=peer.bmc_port,
        faults=dict.fromkeys(faults, 1),
        concurrency=4,
    )


def processes_of(folder: Path) -> list[int]:
    """Process ids whose working folder is in there."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdecimal() and os.readlink(entry / "cwd").startswith(str(folder)):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def press_one(fleet: Fleet) -> Machine:
    return next(fleet.press_buttons(SECONDS))


def test_a_machine_registers_with_the_real_scripts_and_goes_dark(peer: Peer) -> None:
    with Fleet(plan(peer, 1)) as fleet:
        machine = press_one(fleet)
        node, identity = peer.nodes[0], machine.board.identity
        assert machine.ending is not None
        assert str(machine.ending.outcome) == "READY, off"
        assert (machine.ending.node_id, node.status) == ("0", pb.NODE_STATUS_READY)
        assert machine.ending.register_seconds is not None
        assert not machine.board.bmc.powered
        assert parse_dmidecode(node.inventory.dmidecode).serial == identity.serial
        assert len(parse_lsblk(node.inventory.lsblk)) == len(identity.disks)
        nics = [nic.name for nic in parse_ip_link(node.inventory.ip_link) if nic.is_physical]
        assert nics == [port.name for port in identity.ports]
        assert {item.interface for item in node.inventory.ethtool} == set(nics)
        assert processes_of(fleet.folder) == []


def test_all_faults_end_as_they_say_and_nothing_is_left(peer: Peer, tmp_path: Path) -> None:
    summary = exercise(plan(peer, len(IN_SHELLS) + 1, *IN_SHELLS), timeout=SECONDS)
    assert summary.as_json()["surprises"] == []
    assert summary.expected == len(IN_SHELLS) + 1


@pytest.mark.parametrize("names", [CABLES_IN_SHELLS, FIRMWARE_IN_SHELLS])
def test_faults_of_cables_and_firmware_end_as_they_say(peer: Peer, names: Sequence[str]) -> None:
    given = peer.learn(plan(peer, len(names) + 1, *names))
    summary = exercise(given, timeout=SECONDS)
    assert summary.as_json()["surprises"] == []
    expected = {code for name in names for code in FAULTS[name].issues}
    assert {node.issue for node in peer.nodes if node.issue} == expected


def test_power_off_over_ipmi_ends_all_that_the_machine_runs(peer: Peer) -> None:
    with Fleet(plan(peer, 1, "hangs")) as fleet:
        machine = press_one(fleet)
        assert processes_of(fleet.folder)
        node = peer.nodes[0]
        for name, value in (("ipsrc", "static"), ("ipaddr", node.address)):
            machine.board.bmc.set_lan(name, value)
        machine.board.bmc.set_user(4, name="bearman", password=node.password)
        machine.board.bmc.set_user(4, enabled=True, privilege=4)
        endpoint = BmcEndpoint(node.address, "bearman", node.password, peer.bmc_port)
        driver_for(endpoint).power_off(hard=True)
        wait_until(lambda: processes_of(fleet.folder) == [])
        wait_until(lambda: machine.phase is Phase.OFF)


def test_the_end_of_a_fleet_is_the_end_of_its_processes(peer: Peer) -> None:
    with Fleet(plan(peer, 1, "hangs")) as fleet:
        press_one(fleet)
        folder = fleet.folder
        assert processes_of(folder)
    assert processes_of(folder) == []
    assert not folder.exists()


def test_scripts_see_nothing_of_the_simulators_own_environment(
    peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BEARMAN_TOKEN", "an-operators-secret")
    with Fleet(plan(peer, 1)) as fleet:
        machine = press_one(fleet)
        assert machine.ending is not None
        assert machine.ending.outcome.status == "READY"
