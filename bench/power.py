"""Switching a room on: 500 BMCs in one batch, beside FreeIPMI's ipmipower on the same BMCs."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import grpc
from django.contrib.auth.models import User

from bearman.accounts.services import token_create
from bench import fleet
from bench.harness import Aim, Measure, best_of
from bench.load import LoadError
from bench.moments import Stopwatch
from bench.sizes import Sizes
from bench.stack import Stack
from nodes import credentials
from nodes.models import Bmc, Node, PowerRequest
from nodes.power import PowerResult
from nodes.states import NodeStatus
from protos.bearman.v1 import power_pb2, power_pb2_grpc
from simulator.bmc import BmcFleet, SimulatedBmc
from simulator.demo.ports import free_udp_port

IPMIPOWER = "ipmipower"
USER, SLOT, PASSWORD = "bearman", 4, "Bench0fPower0123"
CIPHER_SUITE = "3"
LIMIT_SECONDS, POLL_SECONDS = 300.0, 0.2
DELAYS = (0.0, 0.05)  # seconds before each answer
AIM = Aim(max_ms=60_000)


def run(stack: Stack, sizes: Sizes) -> list[Measure]:
    """Measure from the request to the last machine of which its BMC has said that it is on.

    Simulated BMCs answer at once; real ones take their time over each message.
    """
    fleet.empty()
    _, token = token_create(user=User.objects.create_superuser("bench"), name="bench")
    with _bmcs(sizes.bmcs) as (port, bmcs):
        bare = []
        if shutil.which(IPMIPOWER):
            bare = _measures(IPMIPOWER, sizes, bmcs, partial(_through_ipmipower, stack, bmcs, port))
        else:
            sys.stderr.write("Nothing to compare with: freeipmi-tools is not installed.\n")
        settings = {"BEARMAN_BMC_PORT": str(port)}
        with stack.grpc(settings) as target, stack.worker(settings):
            switch = partial(_through_bearman, stack, bmcs, target, token)
            found = _measures("power on", sizes, bmcs, switch)
    names = [measure.name for measure in bare] or [""] * len(found)
    return [
        *bare,
        *(replace(one, bare=name, aim=AIM) for one, name in zip(found, names, strict=True)),
    ]


def _measures(
    how: str, sizes: Sizes, bmcs: Sequence[SimulatedBmc], switch: Callable[[str], Measure]
) -> list[Measure]:
    """Measure with BMCs that answer at once, and with slow ones."""
    measures = []
    for delay in DELAYS:
        for bmc in bmcs:
            bmc.faults.slow_s = delay
        slow = f", {1000 * delay:.0f} ms" if delay else ""
        measures.append(best_of(sizes.runs, partial(switch, f"{how}, {len(bmcs)} BMCs{slow}")))
    return measures


@contextmanager
def _bmcs(count: int) -> Iterator[tuple[int, list[SimulatedBmc]]]:
    """Have as many READY nodes, with BMCs on the network; yield their port and the BMCs."""
    fleet.grow(count, with_parts=False)
    Node.objects.update(status=NodeStatus.READY)
    Bmc.objects.update(password=credentials.encrypt(PASSWORD), username=USER)
    port = free_udp_port()
    with BmcFleet(port) as running:
        bmcs = [_bmc(address) for address in Bmc.objects.order_by("pk").values_list("address")]
        for bmc in bmcs:
            running.add(bmc)
        yield port, bmcs


def _bmc(address: tuple[str | None]) -> SimulatedBmc:
    bmc = SimulatedBmc(f"BMC {address[0]}")
    bmc.set_user(SLOT, name=USER, password=PASSWORD, enabled=True, privilege=4, ipmi_messaging=True)
    for parameter, value in (("ipsrc", "static"), ("ipaddr", str(address[0]))):
        bmc.set_lan(parameter, value)
    return bmc


def _through_bearman(
    stack: Stack, bmcs: Sequence[SimulatedBmc], target: str, token: str, name: str
) -> Measure:
    _all_off(bmcs)
    nodes = [str(pk) for pk in Node.objects.order_by("pk").values_list("pk", flat=True)]
    request = power_pb2.RequestPowerRequest(nodes=nodes, action=power_pb2.POWER_ACTION_ON)
    metadata = (("authorization", f"Bearer {token}"),)
    with grpc.insecure_channel(target) as channel:
        stub = power_pb2_grpc.PowerServiceStub(channel)
        watch = Stopwatch(stack.cpu_seconds)
        batch = stub.RequestPower(request, metadata=metadata, wait_for_ready=True).batch_id
        query = power_pb2.GetPowerBatchRequest(batch_id=batch)
        limit = time.monotonic() + LIMIT_SECONDS
        while not stub.GetPowerBatch(query, metadata=metadata).finished:
            if time.monotonic() > limit:
                raise LoadError(f"{name}: not done after {LIMIT_SECONDS:.0f} s.")
            time.sleep(POLL_SECONDS)
    rows = PowerRequest.objects.filter(batch=batch)
    failed = rows.exclude(result=PowerResult.DONE).first()
    if failed is not None:
        raise LoadError(f"{name}: {failed.message}")
    _require_on(name, bmcs)
    return watch.measure(name, [row.ended_at for row in rows if row.ended_at is not None])


def _through_ipmipower(stack: Stack, bmcs: Sequence[SimulatedBmc], port: int, name: str) -> Measure:
    _all_off(bmcs)
    hosts = ",".join(f"{bmc.network_address}:{port}" for bmc in bmcs)
    login = ("-D", "LAN_2_0", "-I", CIPHER_SUITE, "-u", USER, "-p", PASSWORD, "-h", hosts)
    watch = Stopwatch(stack.cpu_seconds)
    done = []
    with subprocess.Popen(
        [IPMIPOWER, *login, "--on", "--wait-until-on"], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        for line in child.stdout:
            done.append(datetime.now(UTC))
            if not line.rstrip().endswith(": ok"):
                raise LoadError(f"{IPMIPOWER}: {line}")
    _require_on(name, bmcs)
    return watch.measure(name, done)


def _all_off(bmcs: Sequence[SimulatedBmc]) -> None:
    for bmc in bmcs:
        bmc.machine_stopped()


def _require_on(name: str, bmcs: Sequence[SimulatedBmc]) -> None:
    off = [bmc.name for bmc in bmcs if not bmc.powered]
    if off:
        raise LoadError(f"{name}: {len(off)} are off, such as {off[0]}.")
