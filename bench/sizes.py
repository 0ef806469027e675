"""How much is measured: enough to mean something, or just enough to see that it works."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """Operations for each run of a measure, runs for each measure, and nodes that are there."""

    runs: int
    empty_calls: int
    registrations: int
    nodes_before: tuple[int, ...]
    allocations: int
    inserts: int
    requests: int
    listed_nodes: tuple[int, ...]
    pages: int
    crowd: int  # machines that arrive at once
    deployed: int  # simulated machines that are deployed at once
    bmcs: int  # simulated BMCs that are switched on at once


FULL = Sizes(
    runs=3,
    empty_calls=6000,
    registrations=1000,
    nodes_before=(1_000, 10_000),
    allocations=5000,
    inserts=10_000,
    requests=4000,
    listed_nodes=(1_000, 10_000, 100_000),
    pages=60,
    crowd=2000,
    deployed=200,
    bmcs=500,
)
QUICK = Sizes(
    runs=1,
    empty_calls=32,
    registrations=16,
    nodes_before=(20, 40),
    allocations=32,
    inserts=32,
    requests=32,
    listed_nodes=(20, 40),
    pages=3,
    crowd=24,
    deployed=3,
    bmcs=8,
)
