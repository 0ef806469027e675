"""Registrations a second, and whether one takes longer where there are many nodes already."""

from dataclasses import replace
from functools import partial

from bench import fleet
from bench.harness import Aim, Measure, best_of, measure
from bench.rpc import EmptyCall, Registering
from bench.sizes import Sizes
from bench.stack import Stack

RATE = Aim(rate=200)
FLAT = Aim(ratio=1.2)  # what is left of noise after the best of three runs
EMPTY = "empty RPC"


def run(stack: Stack, sizes: Sizes) -> list[Measure]:
    """Measure over gRPC with 16 clients: full inventories of machines that are all new."""
    fleet.empty()
    with stack.grpc() as target:
        registering = _Registering(stack, target, sizes.registrations)
        registering.once("warm-up")
        calls = range(sizes.empty_calls)
        measures = [
            best_of(
                sizes.runs,
                lambda: measure(EMPTY, EmptyCall(target), calls, cpu=stack.cpu_seconds),
            )
        ]
        for nodes in sizes.nodes_before:
            fleet.grow(nodes, with_parts=True)
            name = f"register, {nodes:,} nodes"
            best = best_of(sizes.runs, partial(registering.once, name))
            measures.append(replace(best, bare=measures[-1].name))
    aims = [None, RATE, *[FLAT] * (len(sizes.nodes_before) - 1)]
    return [replace(one, aim=aim) for one, aim in zip(measures, aims, strict=True)]


class _Registering:
    """Registrations, each time of other machines."""

    def __init__(self, stack: Stack, target: str, count: int) -> None:
        self._stack = stack
        self._workload = Registering(target)
        self._count = count
        self._next = 0

    def once(self, name: str) -> Measure:
        """Register that many machines that Bearman has never seen."""
        numbers = range(self._next, self._next + self._count)
        self._next = numbers.stop
        fleet.boot_tokens(numbers)
        return measure(name, self._workload, numbers, cpu=self._stack.cpu_seconds)
