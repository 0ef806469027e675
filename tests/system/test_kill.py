"""Any process may be killed at any moment: nothing is lost, doubled, leaked or stuck."""

import os
import signal
import threading
import time
from collections import Counter
from pathlib import Path

import grpc
import pytest

from protos.bearman.v1 import nodes_pb2
from simulator.demo.product import Product, database_pid
from simulator.fleet import Fleet
from simulator.lineup import FleetPlan
from tests.system.kill import VICTIMS, all_addresses, all_nodes, children, kill, lives, started

MACHINES = 100
FLEET_SECONDS = 200.0


@pytest.mark.timeout(400)
def test_a_hundred_machines_register_while_every_process_is_killed(tmp_path: Path) -> None:
    with Product(tmp_path) as product:
        product.wait_until_ready()
        product.prepare()
        plan = FleetPlan(
            nodes=MACHINES,
            url=product.url,
            bmc_port=product.bmc_port,
            light=True,
            concurrency=12,
            boot_delay=(0.0, 4.0),
        )
        stop = threading.Event()
        killed: list[str] = []
        killer = threading.Thread(target=keep_killing, args=(product, stop, killed))
        with Fleet(plan) as fleet:
            killer.start()
            try:
                settled = list(fleet.press_buttons(FLEET_SECONDS))
            finally:
                stop.set()
                killer.join()
            assert set(killed) == set(VICTIMS), "the machines were done before the killer"
            assert len(settled) == MACHINES
            product.wait_until_ready()
            judge(product)


def keep_killing(product: Product, stop: threading.Event, killed: list[str]) -> None:
    """Kill each process twice, whenever it has come back, with a little time between."""
    for name in [*VICTIMS, *VICTIMS]:
        pids: list[int] = []
        while not stop.wait(2.0) and not pids:
            pids = kill(product, name)
        killed += [name] * bool(pids)


def judge(product: Product) -> None:
    """Every machine is READY or failed with a reason, and has its own address; none is leaked."""
    limit = time.monotonic() + 60
    with grpc.insecure_channel(product.grpc) as channel:
        while True:
            nodes = all_nodes(channel, product.token)
            unsettled = [n for n in nodes if n.status == nodes_pb2.NODE_STATUS_REGISTERING]
            if not unsettled or time.monotonic() > limit:
                break
            time.sleep(1)
        owned = all_addresses(channel, product.token)
    assert not unsettled
    assert len(nodes) == MACHINES
    assert len({node.uuid for node in nodes}) == MACHINES
    for node in nodes:
        assert node.status == nodes_pb2.NODE_STATUS_READY or (node.reason and node.advice)
    assert sum(node.status == nodes_pb2.NODE_STATUS_READY for node in nodes) >= MACHINES - 5
    twice = [address for address, times in Counter(owned).items() if times > 1]
    assert not twice
    assert set(owned) == {node.bmc_address for node in nodes if node.bmc_address}


@pytest.mark.timeout(200)
def test_what_a_killed_supervisor_leaves_ends_by_itself(tmp_path: Path) -> None:
    with Product(tmp_path) as product:
        product.wait_until_ready()
        left = [
            pid
            for words in ("granian", "bearman grpc", "bearman worker")
            for pid in children(product.pid, words)
        ]
        assert len(left) == 4
        for granian in children(product.pid, "granian"):
            left += children(granian, "granian")
        assert len(left) >= 6, "each granian has a worker"
        os.kill(product.pid, signal.SIGKILL)
        limit = time.monotonic() + 30
        while any(lives(pid) for pid in left):
            assert time.monotonic() < limit, "a process outlived its supervisor"
            time.sleep(0.2)
        while database_pid(product.data_dir):
            assert time.monotonic() < limit, "the database outlived its users"
            time.sleep(0.2)


@pytest.mark.timeout(200)
@pytest.mark.parametrize("application", ["bearman.wsgi", "bearman.files"])
def test_a_killed_web_server_leaves_no_workers_on_its_port(
    tmp_path: Path, application: str
) -> None:
    with Product(tmp_path) as product:
        product.wait_until_ready()
        granian = started(product, application)
        workers = children(granian, "granian")
        os.kill(granian, signal.SIGKILL)
        limit = time.monotonic() + 30
        while any(lives(pid) for pid in workers):
            assert time.monotonic() < limit, "a worker outlived its granian"
            time.sleep(0.2)
        product.wait_until_ready()
