"""The figures of a run: for programs as JSON, for people as a table."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from simulator import fault as faults
from simulator.deployments import Deployed
from simulator.machine import Machine
from simulator.verdict import NOT_AT_REST, Verdict


@dataclass(frozen=True, slots=True)
class Latencies:
    """Median and 99th percentile in seconds; None without a measurement."""

    p50: float | None
    p99: float | None


@dataclass(frozen=True, slots=True)
class Deployments:
    """How deployments went. `seconds` is from the first request to the last expected state."""

    asked: int
    installed: int
    given_up: int
    seconds: float
    surprises: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """How a run went. `seconds` is from the first button to the last machine at rest."""

    nodes: int
    registered: int
    failed: int
    quarantined: int
    unregistered: int
    not_at_rest: int
    expected: int
    unexpected: int
    seconds: float
    rate: float  # machines at rest a second
    register_call: Latencies
    whole_flow: Latencies
    verdicts: tuple[Verdict, ...]
    deployments: Deployments | None = None  # None where nothing was to be deployed

    @property
    def surprises(self) -> int:
        """How many machines ended otherwise than expected."""
        return self.unexpected + (len(self.deployments.surprises) if self.deployments else 0)

    def as_json(self) -> dict[str, Any]:
        """The figures, and in words every machine that ended otherwise than expected."""
        values = asdict(self)
        del values["verdicts"]
        values["surprises"] = [
            {
                "machine": verdict.number,
                "label": verdict.label,
                "fault": verdict.fault or None,
                "expected": verdict.expected_words,
                "seen": verdict.seen_words,
                "why": verdict.words,
            }
            for verdict in self.verdicts
            if not verdict.as_expected
        ]
        return values


def summarise(
    machines: Sequence[Machine],
    verdicts: Sequence[Verdict],
    seconds: float,
    deployed: tuple[Sequence[Deployed], float] | None = None,
) -> Summary:
    """Count and measure; `deployed` are the deployments, and their seconds."""
    seen = Counter(verdict.seen.status for verdict in verdicts)
    good = sum(verdict.as_expected for verdict in verdicts)
    at_rest = [machine for machine in machines if machine.ending]
    calls = [m.ending.register_seconds for m in at_rest if m.ending]
    return Summary(
        nodes=len(machines),
        registered=seen[faults.READY],
        failed=seen[faults.REGISTER_FAILED],
        quarantined=seen[faults.QUARANTINED],
        unregistered=seen[faults.UNREGISTERED],
        not_at_rest=seen[NOT_AT_REST] + seen[faults.REGISTERING],
        expected=good,
        unexpected=len(verdicts) - good,
        seconds=round(seconds, 3),
        rate=round(len(at_rest) / seconds, 2) if seconds else 0.0,
        register_call=latencies([call for call in calls if call is not None]),
        whole_flow=latencies([m.seconds for m in at_rest if m.seconds is not None]),
        verdicts=tuple(verdicts),
        deployments=_deployments(*deployed) if deployed else None,
    )


def _deployments(deployed: Sequence[Deployed], seconds: float) -> Deployments:
    seen = Counter(each.seen.status for each in deployed)
    return Deployments(
        asked=len(deployed),
        installed=seen[faults.INSTALLED],
        given_up=seen[faults.UNRECOVERABLE_ERROR],
        seconds=round(seconds, 3),
        surprises=tuple(each.words for each in deployed if not each.as_expected),
    )


def latencies(seconds: Sequence[float]) -> Latencies:
    """Percentiles by the nearest rank: the smallest value that so many per cent do not exceed."""
    if not seconds:
        return Latencies(None, None)
    ordered = sorted(seconds)
    ranks = ((len(ordered) * percent + 99) // 100 for percent in (50, 99))
    p50, p99 = (round(ordered[rank - 1], 4) for rank in ranks)
    return Latencies(p50, p99)


def show(summary: Summary, console: Console) -> None:
    """Print the table by fault, the figures, and what was not expected."""
    console.print(_table(summary.verdicts))
    console.print(
        f"{summary.nodes} machines at rest in {summary.seconds:.1f} s ({summary.rate:.1f}/s); "
        f"register call {_words(summary.register_call)}; "
        f"button to rest {_words(summary.whole_flow)}",
        highlight=False,
    )
    for verdict in summary.verdicts:
        if not verdict.as_expected:
            _show_surprise(verdict, console)
    if summary.deployments:
        _show_deployments(summary.deployments, console)


def _show_deployments(deployments: Deployments, console: Console) -> None:
    console.print(
        f"{deployments.asked} deployments: {deployments.installed} INSTALLED and "
        f"{deployments.given_up} given up in {deployments.seconds:.1f} s",
        highlight=False,
    )
    for words in deployments.surprises:
        console.print(Text(words, "red"))


def _table(verdicts: Sequence[Verdict]) -> Table:
    table = Table("fault", "expected", "seen", "machines", box=None, pad_edge=False)
    rows = Counter(
        (v.fault or "none", v.expected_words, v.seen_words, v.as_expected) for v in verdicts
    )
    for (fault, expected, seen, good), count in sorted(
        rows.items(), key=lambda row: (row[0][0] != "none", row)
    ):
        table.add_row(fault, expected, Text(seen, "green" if good else "bold red"), str(count))
    return table


def _words(measured: Latencies) -> str:
    if measured.p50 is None or measured.p99 is None:
        return "not measured"
    return f"{measured.p50:.2f} s in the median, {measured.p99:.2f} s at p99"


def _show_surprise(verdict: Verdict, console: Console) -> None:
    fault = f" with the fault {verdict.fault}" if verdict.fault else ""
    words = (
        f"machine {verdict.number} ({verdict.label}){fault}: expected {verdict.expected_words}; "
    )
    words += f"seen {verdict.seen_words}. {verdict.words}"
    console.print(Text(words, "red"))
    if verdict.console:
        console.print(Text(verdict.console, "dim"))
