"""Any process may be killed at any point of a deployment or a release: all come to their end."""

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import grpc
import pytest

from protos.bearman.v1 import baremetal_pb2
from protos.ipman.v1 import ipman_pb2
from simulator.bmc import SimulatedBmc
from simulator.bmc.behaviour import PowerAction
from simulator.demo.product import Product
from simulator.demo.system import PROFILE
from simulator.deployments import ready, wait_released
from simulator.fault import INSTALLED, READY, UNRECOVERABLE_ERROR
from simulator.fleet import Fleet
from simulator.lineup import FleetPlan
from simulator.machine import Machine
from simulator.operator_view import OperatorView, state_name, status_name
from tests.system.kill import VICTIMS, all_addresses, kill, look

MACHINES = 100
TWICE = 8  # of them say more than once that they are installed
REGISTER_SECONDS, DEPLOY_SECONDS, RELEASE_SECONDS = 180.0, 300.0, 180.0
ON, OFF, BOOT_DEVICE = PowerAction.ON, PowerAction.OFF, "boot device"
Actions = dict[str, list[PowerAction]]
Baremetals = Sequence[baremetal_pb2.Baremetal]

SETTINGS = {
    "BEARMAN_PREPARE_SECONDS": "8",
    "BEARMAN_POWER_ON_SECONDS": "90",
    "BEARMAN_STAGE_ONE_SECONDS": "40",
    "BEARMAN_KEXEC_SECONDS": "40",
    "BEARMAN_STAGE_TWO_SECONDS": "40",
    "BEARMAN_CONFIGURE_SECONDS": "40",
    "BEARMAN_RELEASE_SECONDS": "90",
    "BEARMAN_BMC_LOGIN_SECONDS": "3",
    "BEARMAN_BMC_COMMAND_SECONDS": "3",
    "BEARMAN_BMC_ATTEMPTS": "2",
    "BEARMAN_WEB_PROCESSES": "1",
    "BEARMAN_IPMAN_REST_SECONDS": "0",
}
# Whom to kill while some deployment is in which step; of those that can be, the first.
WHILE_DEPLOYING = (
    ("grpc", "prepare"),
    ("worker", "power_on"),
    ("postgres", "prepare"),
    ("web", "stage_one"),
    ("files", "kexec"),
    ("grpc", "stage_two"),
    ("postgres", "kexec"),
    ("grpc", "configure"),
    ("web", "kexec"),
    ("postgres", "stage_one"),
    ("worker", "configure"),
    ("postgres", "stage_two"),
    ("files", "stage_one"),
    ("postgres", "configure"),
    ("web", "stage_two"),
    ("postgres", "power_on"),
    ("grpc", "stage_one"),
    ("web", "configure"),
)
WHILE_RELEASING = (
    ("postgres", "power_off"),
    ("worker", "power_off"),
    ("web", "power_off"),
    ("grpc", "power_off"),
    ("files", "power_off"),
)
PAUSE_SECONDS = 1.0  # between two kills


@dataclass(frozen=True)
class Kill:
    """What was killed when."""

    victim: str
    at: datetime


@pytest.fixture
def carried_out(monkeypatch: pytest.MonkeyPatch) -> Actions:
    """What the network made each BMC do with the power, in order, by the BMC's name."""
    found: Actions = defaultdict(list)
    switch = SimulatedBmc.switch

    def noted(bmc: SimulatedBmc, action: PowerAction) -> None:
        found[bmc.name].append(action)
        switch(bmc, action)

    monkeypatch.setattr(SimulatedBmc, "switch", noted)
    return found


@pytest.fixture
def falls_silent(monkeypatch: pytest.MonkeyPatch, carried_out: Actions) -> dict[str, object]:
    """After which power action, or BOOT_DEVICE, BMCs do not even answer that; by their names."""
    after: dict[str, object] = {}
    switch, put = SimulatedBmc.switch, SimulatedBmc.put_boot_option

    def switched(bmc: SimulatedBmc, action: PowerAction) -> None:
        switch(bmc, action)
        bmc.faults.silent |= after.get(bmc.name) is action

    def has_put(bmc: SimulatedBmc, number: int, value: bytes) -> None:
        put(bmc, number, value)
        bmc.faults.silent |= after.get(bmc.name) is BOOT_DEVICE

    monkeypatch.setattr(SimulatedBmc, "switch", switched)
    monkeypatch.setattr(SimulatedBmc, "put_boot_option", has_put)
    return after


@pytest.mark.timeout(900)
def test_a_hundred_machines_are_deployed_and_released_while_every_process_is_killed(
    tmp_path: Path, carried_out: Actions
) -> None:
    with Product(tmp_path, settings=SETTINGS) as product:
        product.wait_until_ready()
        product.prepare()
        product.make_system()
        plan = FleetPlan(
            nodes=MACHINES,
            url=product.url,
            bmc_port=product.bmc_port,
            faults={"installed-twice": TWICE},
            light=True,
            concurrency=20,
            boot_delay=(0.0, 1.0),
        )
        operator = OperatorView(product.grpc, product.token)
        with Fleet(plan) as fleet, closing(operator):
            register(fleet, operator)
            assert not carried_out, "no BMC switches anything for a registration"
            with killing(product, WHILE_DEPLOYING) as kills:
                deploy(fleet.machines, operator)
                deployed = all_at_rest(operator)
            judge_deployed(product, deployed)
            judge_power(fleet.machines, deployed, carried_out, released=False)
            with killing(product, WHILE_RELEASING) as more:
                release(deployed, operator)
                left = wait_released(fleet.machines, operator, time.monotonic() + RELEASE_SECONDS)
            assert not left
            product.wait_until_ready()
            judge_power(fleet.machines, deployed, carried_out, released=True)
            judge_free(product, operator)
            judge_kills(product, [*kills, *more])


def register(fleet: Fleet, operator: OperatorView) -> None:
    for _ in fleet.press_buttons(REGISTER_SECONDS):
        pass
    wait_until(lambda: len(ready(fleet.machines, operator)) == len(fleet.machines), 30)


def wait_until(is_so: Callable[[], bool], seconds: float) -> None:
    limit = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < limit
        time.sleep(0.2)


def deploy(machines: Sequence[Machine], operator: OperatorView) -> None:
    """Ask for all, a few at a time; what a killed process did not answer is asked again."""
    with ThreadPoolExecutor(4) as people:
        list(people.map(lambda m: operator.deploy(m.node_id, PROFILE), machines))


def release(rows: Baremetals, operator: OperatorView) -> None:
    with ThreadPoolExecutor(4) as people:
        list(people.map(lambda row: operator.release(row.id), rows))


@contextmanager
def killing(product: Product, prey: Sequence[tuple[str, str]]) -> Iterator[list[Kill]]:
    """Kill those, each while some deployment is in that step, until the block has ended."""
    stop, kills = threading.Event(), list[Kill]()
    killer = threading.Thread(target=hunt, args=(product, prey, stop, kills))
    killer.start()
    try:
        yield kills
    finally:
        stop.set()
        killer.join()


def hunt(
    product: Product, prey: Sequence[tuple[str, str]], stop: threading.Event, kills: list[Kill]
) -> None:
    left = list(prey)
    while left and not stop.wait(0.02):
        for victim, step in left:
            if someone_is_in(product, step) and kill(product, victim):
                kills.append(Kill(victim, datetime.now(UTC)))
                left.remove((victim, step))
                stop.wait(PAUSE_SECONDS)
                break


def someone_is_in(product: Product, step: str) -> bool:
    sql = "SELECT FROM baremetal_baremetal WHERE step = %s AND deadline IS NOT NULL LIMIT 1"
    return bool(look(product, sql, step))


def all_at_rest(operator: OperatorView) -> Baremetals:
    limit = time.monotonic() + DEPLOY_SECONDS
    while True:
        rows = list(operator.baremetals().values())
        moving = [row for row in rows if state_name(row) not in (INSTALLED, UNRECOVERABLE_ERROR)]
        if not moving:
            return rows
        assert time.monotonic() < limit, f"stuck: {moving}"
        time.sleep(1)


def judge_deployed(product: Product, rows: Baremetals) -> None:
    """Each ended, with words where it failed; no address is there twice or without a row."""
    assert len(rows) == MACHINES
    failed = [row for row in rows if state_name(row) != INSTALLED]
    assert all(row.reason and row.advice for row in failed)
    assert len(failed) <= 5, failed
    ours = [row.service_address for row in rows]
    assert max(Counter(ours).values()) == 1
    with grpc.insecure_channel(product.grpc) as channel:
        owned = all_addresses(channel, product.token, ipman_pb2.PURPOSE_SERVICE)
    assert sorted(owned) == sorted(ours)
    twice = "SELECT baremetal_id FROM baremetal_baremetalevent WHERE to_state = 'INSTALLED'"
    assert len(look(product, twice)) == MACHINES - len(failed), "installed again is no news"


def judge_power(
    machines: Sequence[Machine], rows: Baremetals, carried_out: Actions, *, released: bool
) -> None:
    """Each attempt switches on once; only another attempt or the release switches off."""
    attempts = {row.node_id: row.attempt for row in rows}
    for machine in machines:
        bmc, tried = machine.board.bmc, attempts[machine.node_id]
        actions = carried_out[bmc.name]
        assert bmc.powered is not released, machine.board.identity.label
        assert set(actions) <= {ON, OFF}
        assert actions[0] is ON
        assert all(one is not next_one for one, next_one in pairwise(actions)), actions
        assert 1 <= actions.count(ON) <= tried, actions
        assert actions.count(OFF) == actions.count(ON) - (not released), actions


def judge_free(product: Product, operator: OperatorView) -> None:
    """Nothing is left of the deployments but history."""
    assert not operator.baremetals()
    assert {status_name(node) for node in operator.nodes().values()} == {READY}
    with grpc.insecure_channel(product.grpc) as channel:
        assert not all_addresses(channel, product.token, ipman_pb2.PURPOSE_SERVICE)


def judge_kills(product: Product, kills: Sequence[Kill]) -> None:
    """By the time lines, kills fell into each step of some deployment; each victim died often."""
    assert min(Counter(kill.victim for kill in kills)[victim] for victim in VICTIMS) >= 2
    sql = "SELECT baremetal_id, at, step FROM baremetal_baremetalevent ORDER BY baremetal_id, id"
    hit = {
        step
        for (row, began, step), (next_row, ended, _) in pairwise(look(product, sql))
        if row == next_row and any(began < kill.at < ended for kill in kills)
    }
    assert hit >= {step for _, step in (*WHILE_DEPLOYING, *WHILE_RELEASING)}


@pytest.mark.timeout(600)
def test_a_worker_killed_between_two_power_actions_repeats_none(
    tmp_path: Path, carried_out: Actions, falls_silent: dict[str, object]
) -> None:
    """Killed at one machine after the cut, at one after the boot device, at one after the on.

    The fourth machine is being released. What their BMCs did was not written down by then.
    """
    settings = SETTINGS | {"BEARMAN_BMC_COMMAND_SECONDS": "10"}  # to be killed while it waits
    with Product(tmp_path, settings=settings) as product:
        product.wait_until_ready()
        product.prepare()
        product.make_system()
        plan = FleetPlan(nodes=4, url=product.url, bmc_port=product.bmc_port, light=True)
        operator = OperatorView(product.grpc, product.token)
        with Fleet(plan) as fleet, closing(operator):
            register(fleet, operator)
            deploy(fleet.machines, operator)
            rows = {row.node_id: row.id for row in all_at_rest(operator)}
            carried_out.clear()
            bmcs = [machine.board.bmc for machine in fleet.machines]
            moments = (OFF, BOOT_DEVICE, ON, OFF)
            falls_silent |= {bmc.name: m for bmc, m in zip(bmcs, moments, strict=True)}
            *redeployed, released = fleet.machines
            for machine in redeployed:
                operator.redeploy(rows[machine.node_id])
            operator.release(rows[released.node_id])
            wait_until(lambda: all(bmc.faults.silent for bmc in bmcs), 20)
            assert kill(product, "worker")
            falls_silent.clear()
            for bmc in bmcs:
                bmc.faults.silent = False
            assert not wait_released([released], operator, time.monotonic() + RELEASE_SECONDS)
            ends = [(state_name(row), row.attempt) for row in all_at_rest(operator)]
            assert ends == [(INSTALLED, 1)] * 3
            done = [carried_out[bmc.name] for bmc in bmcs]
            assert done == [[OFF, ON], [OFF, ON], [OFF, ON], [OFF]]
