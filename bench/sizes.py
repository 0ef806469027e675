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
)
