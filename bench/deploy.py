"""A room of machines is deployed at once: from the operator's word to the last one INSTALLED."""

import io
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace

from django.contrib.auth.models import User
from django.core.management import call_command

from baremetal.models import Baremetal
from baremetal.states import BaremetalState
from bearman.accounts.services import token_create
from bench import fleet, inuse
from bench.harness import Aim, Measure
from bench.load import LoadError
from bench.moments import Stopwatch
from bench.sizes import Sizes
from bench.stack import Stack
from ipman.models import Pool
from ipman.services import pool_save
from nodes.models import Node
from nodes.states import NodeStatus
from simulator.demo.ports import free_udp_port
from simulator.fleet import Fleet
from simulator.lineup import FleetPlan
from simulator.operator_view import OperatorView

OPERATORS = 8  # who ask at a time
LIMIT_SECONDS, POLL_SECONDS = 300.0, 0.2
PROFILE = "bench"
AIM = Aim(rate=10)


def run(stack: Stack, sizes: Sizes) -> list[Measure]:
    """Measure with light simulated machines, which make each call of a boot and fetch no images.

    Beside it their registrations, on the same machines in the same run.
    """
    fleet.empty()
    _pool()
    inuse.profile_make()
    call_command("publish_scripts", stdout=io.StringIO())
    _, token = token_create(user=User.objects.create_superuser("bench"), name="bench")
    port = free_udp_port()
    with stack.everything(port) as (url, target), _machines(url, port, sizes.deployed) as machines:
        bare = _registered(stack, machines)
        with closing(OperatorView(target, token)) as operator:
            found = _deployed(stack, operator, sizes.deployed)
    return [bare, replace(found, bare=bare.name, aim=AIM)]


@contextmanager
def _machines(url: str, port: int, count: int) -> Iterator[Fleet]:
    plan = FleetPlan(nodes=count, url=url, bmc_port=port, light=True, concurrency=count)
    with Fleet(plan) as machines:
        yield machines


def _pool() -> None:
    network = {"first": "10.0.0.10", "last": "10.0.255.250", "prefix_length": 16}
    pool_save(pool=Pool(name="bench-service", zone=fleet.ZONE, purpose="service", **network))


def _registered(stack: Stack, machines: Fleet) -> Measure:
    watch = Stopwatch(stack.cpu_seconds)
    count = sum(1 for _ in machines.press_buttons(LIMIT_SECONDS))
    ready = Node.objects.filter(status=NodeStatus.READY)
    moments = [moment for moment in ready.values_list("proven_at", flat=True) if moment]
    if len(moments) < count:
        raise LoadError(f"{count - len(moments)} of {count} machines did not register.")
    return watch.measure(f"register, {count} machines", moments)


def _deployed(stack: Stack, operator: OperatorView, count: int) -> Measure:
    nodes = [str(pk) for pk in Node.objects.order_by("pk").values_list("pk", flat=True)]
    watch = Stopwatch(stack.cpu_seconds)
    with ThreadPoolExecutor(OPERATORS) as pool:
        list(pool.map(lambda node: operator.deploy(node, PROFILE), nodes))
    _wait(count)
    moments = Baremetal.objects.values_list("installed_at", flat=True)
    return watch.measure(f"deploy, {count} machines", [m for m in moments if m is not None])


def _wait(count: int) -> None:
    limit = time.monotonic() + LIMIT_SECONDS
    while Baremetal.objects.filter(state=BaremetalState.INSTALLED).count() < count:
        failed = Baremetal.objects.filter(state=BaremetalState.UNRECOVERABLE_ERROR).first()
        if failed is not None:
            raise LoadError(f"{failed.hostname}: {failed.reason}")
        if time.monotonic() > limit:
            raise LoadError(f"Not all were INSTALLED after {LIMIT_SECONDS:.0f} s.")
        time.sleep(POLL_SECONDS)
