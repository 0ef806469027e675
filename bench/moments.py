"""A measure of work that others do: when it was asked for, and when each part of it was done."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from bench.harness import Measure, percentile
from bench.load import LoadError


class Stopwatch:
    """Runs from its making on; `cpu` tells the CPU seconds used so far."""

    def __init__(self, cpu: Callable[[], float]) -> None:
        self._cpu = cpu
        self._cpu_before = cpu()
        self.began = datetime.now(UTC)

    def measure(self, name: str, done: Sequence[datetime]) -> Measure:
        """Return what came of it; each latency is from the beginning to one of these moments."""
        latencies = [(moment - self.began).total_seconds() for moment in done]
        if not latencies:
            raise LoadError(f"{name}: nothing was done.")
        rate = len(latencies) / max(latencies)
        return Measure(
            name=name,
            operations=len(latencies),
            rate=rate,
            runs=[rate],
            median_ms=1000 * percentile(latencies, 0.5),
            p99_ms=1000 * percentile(latencies, 0.99),
            max_ms=1000 * max(latencies),
            cpu_ms=1000 * (self._cpu() - self._cpu_before) / len(latencies),
        )
