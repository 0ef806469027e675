"""What a measurement is, and how several of them are compared."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from bench.clients import Workload
from bench.load import CLIENTS, drive


@dataclass(frozen=True, slots=True)
class Aim:
    """What a measure shall reach on two cores; one of them is set."""

    rate: float = 0.0  # operations a second, or more
    median_ms: float = 0.0  # milliseconds, or less
    ratio: float = 0.0  # times the bare measure, or less
    max_ms: float = 0.0  # milliseconds of the slowest, or less

    def __str__(self) -> str:
        if self.rate:
            return f"{self.rate:,.0f}/s"
        if self.max_ms:
            return f"all in {self.max_ms:,.0f} ms"
        return f"{self.median_ms:g} ms" if self.median_ms else f"x {self.ratio:g}"

    def is_met(self, measure: "Measure", ratio: float) -> bool:
        """Tell whether the measure is good enough; `ratio` is its ratio to the bare one."""
        if self.rate:
            return measure.rate >= self.rate
        if self.max_ms:
            return measure.max_ms <= self.max_ms
        return measure.median_ms <= self.median_ms if self.median_ms else ratio <= self.ratio


@dataclass(frozen=True, slots=True)
class Measure:
    """One measured load.

    `cpu_ms` is what an operation took of the processors, of clients, servers and database
    together. Unlike the rate it says little about what else ran on the machine.
    """

    name: str
    operations: int
    rate: float
    median_ms: float
    p99_ms: float
    cpu_ms: float
    runs: list[float] = field(default_factory=list)  # the rate of each run
    queries: int | None = None
    max_ms: float = 0.0  # the slowest; 0 where that was not looked at
    bare: str = ""  # the name of the measure to compare with
    aim: Aim | None = None


def percentile(values: Sequence[float], part: float) -> float:
    """Return the smallest of `values` that at least the `part` (0 to 1) of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)]


def best_of(runs: int, run: Callable[[], Measure]) -> Measure:
    """Measure several times and return the best run; see `best`."""
    return best([run() for _ in range(runs)])


def best(measures: Sequence[Measure]) -> Measure:
    """Return the measure with the highest rate of several of the same, with the rates of all.

    What else runs on a machine only ever makes a run slower.
    """
    found = max(measures, key=lambda measure: measure.rate)
    return replace(found, runs=[measure.rate for measure in measures])


def ratios(measures: Sequence[Measure]) -> dict[str, float]:
    """Return, by name, how many times as long as in its bare measure an operation takes."""
    rates = {measure.name: measure.rate for measure in measures}
    return {
        measure.name: rates[measure.bare] / measure.rate for measure in measures if measure.bare
    }


def measure(
    name: str,
    workload: Workload,
    numbers: range,
    *,
    cpu: Callable[[], float],
    clients: int = CLIENTS,
) -> Measure:
    """Put that load on the servers and return what came of it; see `bench.load.drive`."""
    load = drive(workload, numbers, cpu=cpu, clients=clients)
    return Measure(
        name=name,
        operations=len(load.latencies),
        rate=len(load.latencies) / load.seconds,
        median_ms=1000 * percentile(load.latencies, 0.5),
        p99_ms=1000 * percentile(load.latencies, 0.99),
        cpu_ms=1000 * load.cpu_seconds / len(load.latencies),
    )
