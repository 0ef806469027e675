"""Whether each machine ended as it should, seen from the machine or from Bearman."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from protos.bearman.v1 import nodes_pb2
from simulator.fault import DARK_AND_READY, UNREGISTERED, Outcome
from simulator.machine import Machine
from simulator.operator_view import OperatorView, status_name
from simulator.plain import lines, one_line

NOT_AT_REST = "not at rest"
CONSOLE_LINES = 25
POLL_SECONDS = 1.0

Nodes = Mapping[str, nodes_pb2.NodeSummary]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One machine: what was expected, what was seen, and words for people.

    `issues` are the codes of which Bearman should show one; `issue` is the one that it shows, or
    None where Bearman was not asked.
    """

    number: int
    label: str
    fault: str
    expected: Outcome
    seen: Outcome
    words: str
    console: str
    issues: tuple[str, ...] = ()
    issue: str | None = None

    @property
    def as_expected(self) -> bool:
        """Whether it ended as it should."""
        return self.expected == self.seen and self._has_its_code

    @property
    def seen_words(self) -> str:
        """What was seen, with the code."""
        return f"{self.seen}, {self.issue}" if self.issue else str(self.seen)

    @property
    def expected_words(self) -> str:
        """What was expected, with the codes."""
        return ", ".join((str(self.expected), " or ".join(self.issues))).removesuffix(", ")

    @property
    def _has_its_code(self) -> bool:
        return self.issue is None or not self.issues or self.issue in self.issues


def judge(machines: Sequence[Machine]) -> list[Verdict]:
    """Judge by what the machines themselves saw."""
    return [
        _verdict(machine, _early_expectation(machine), _own_view(machine), None)
        for machine in machines
    ]


def judge_by_bearman(
    machines: Sequence[Machine], operator: OperatorView, limit: float
) -> list[Verdict]:
    """Judge by Bearman's word on the status and the BMC's on the power.

    Some faults are found at a deadline only: asks again until all is as expected, or until
    `limit` on the monotonic clock.
    """
    while True:
        nodes = operator.nodes()
        verdicts = [
            _verdict(machine, _expectation(machine), *_bearmans_view(machine, nodes))
            for machine in machines
        ]
        if all(verdict.as_expected for verdict in verdicts) or time.monotonic() > limit:
            return verdicts
        time.sleep(POLL_SECONDS)


def _expectation(machine: Machine) -> Outcome:
    fault = machine.board.fault
    return fault.expected if fault else DARK_AND_READY


def _early_expectation(machine: Machine) -> Outcome:
    fault = machine.board.fault
    return fault.at_first if fault and fault.at_first else _expectation(machine)


def _own_view(machine: Machine) -> Outcome:
    if machine.ending is None:
        return Outcome(NOT_AT_REST, machine.board.bmc.powered)
    return machine.ending.outcome


def _bearmans_view(machine: Machine, nodes: Nodes) -> tuple[Outcome, str]:
    """Status and power, and the code of what is wrong."""
    node = node_of(machine, nodes)
    status, issue = (status_name(node), node.issue) if node else (UNREGISTERED, "")
    return Outcome(status, machine.board.bmc.powered), issue


def node_of(machine: Machine, nodes: Nodes) -> nodes_pb2.NodeSummary | None:
    """Bearman's node for a machine: by the number that it was given, else by who it is."""
    if machine.node_id:
        return nodes.get(machine.node_id)
    identity = machine.board.identity
    alike = (n for n in nodes.values() if (n.uuid, n.serial) == (identity.uuid, identity.serial))
    return next(alike, None)


def _verdict(machine: Machine, expected: Outcome, seen: Outcome, issue: str | None) -> Verdict:
    board = machine.board
    return Verdict(
        number=board.number,
        label=board.identity.label,
        fault=board.fault.name if board.fault else "",
        expected=expected,
        seen=seen,
        words=one_line(machine.ending.words, 500) if machine.ending else "",
        console="" if expected == seen else console_of(machine),
        issues=board.fault.issues if board.fault else (),
        issue=issue if seen.status != UNREGISTERED else None,
    )


def console_of(machine: Machine) -> str:
    """The last lines on its console; empty for a machine without shells."""
    try:
        text = (machine.board.folder / "console").read_text("utf-8", "replace")
        return lines(text, CONSOLE_LINES)
    except OSError:
        return ""
