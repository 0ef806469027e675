"""Wiring checks a second, and whether one takes longer where there are many nodes already."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import UUID

from django.utils import timezone

from bench import fleet
from bench.cables import Checking, identity_with_fibres, place_of
from bench.harness import Aim, Measure, best_of, measure
from bench.machine import uuid_of
from bench.rpc import EmptyCall
from bench.sizes import Sizes
from bench.stack import Stack
from nodes.models import BootRequest, Node, WiringPlan
from nodes.services.wiring_plans import wiring_plan_save
from nodes.states import NodeStatus
from profiles.models import Flavor, StopsAt
from simulator.hardware.identity import Identity

RATE = Aim(rate=100)  # half of what registers: links take seconds to come up
SWAPPED_RATE = Aim(rate=50)  # each of these looks for the machine whose port it is
FLAT = Aim(ratio=1.2)
EMPTY = "empty RPC"
SWAPPED = 2  # in the second measure each pair of machines has its first cables swapped


def run(stack: Stack, sizes: Sizes) -> list[Measure]:
    """Measure over gRPC with 16 clients: machines with good cables, then with swapped ones."""
    fleet.empty()
    Flavor.objects.update(stops_at=StopsAt.NEVER)  # each run begins as the one before did
    _plan(identity_with_fibres())
    numbers = range(sizes.registrations)
    _stand(numbers)
    with stack.grpc() as target:
        calls = range(sizes.empty_calls)
        empty = lambda: measure(EMPTY, EmptyCall(target), calls, cpu=stack.cpu_seconds)  # noqa: E731
        measures = [best_of(sizes.runs, empty)]
        for nodes in sizes.nodes_before:
            fleet.grow(nodes + len(numbers), with_parts=False)
            for words, swapped in (("as planned", 1), ("swapped", SWAPPED)):
                name = f"cables {words}, {nodes:,} nodes"
                once = partial(
                    measure, name, Checking(target, swapped), numbers, cpu=stack.cpu_seconds
                )
                bare = measures[-2].name if len(measures) > 2 else EMPTY
                measures.append(replace(best_of(sizes.runs, once), bare=bare))
    aims = [None, RATE, SWAPPED_RATE, *[FLAT] * 2 * (len(sizes.nodes_before) - 1)]
    return [replace(one, aim=aim) for one, aim in zip(measures, aims, strict=True)]


def _plan(identity: Identity) -> None:
    lines = [
        f"{port.name} -> leaf-{{rack}}{side}:{{unit}} vlan=100 mtu=9000"
        for port, side in zip(identity.uplinks, "ab", strict=True)
    ]
    wiring_plan_save(plan=WiringPlan(name="bench", patterns="\n".join(lines)))


def _stand(numbers: range) -> None:
    """Put machines that register into racks, with the boot tokens that they use."""
    flavor, expires = Flavor.objects.get(), timezone.now() + timedelta(hours=1)
    fleet.boot_tokens(numbers)
    places = [(number, place_of(number)) for number in numbers]
    nodes = Node.objects.bulk_create(
        Node(
            uuid=UUID(uuid_of(number)),
            serial=f"W{number:08d}",
            flavor=flavor,
            rack=place.rack,
            unit=place.unit,
            status=NodeStatus.REGISTERING,
            deadline=expires,
        )
        for number, place in places
    )
    for number, node in zip(numbers, nodes, strict=True):
        BootRequest.objects.filter(uuid=uuid_of(number)).update(node=node)
