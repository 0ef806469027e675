"""Deploys machines of a fleet as an operator does, and judges what becomes of them."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from protos.bearman.v1 import baremetal_pb2
from simulator.fault import (
    DARK_AND_READY,
    INSTALLED,
    LIT_AND_INSTALLED,
    READY,
    UNRECOVERABLE_ERROR,
    Outcome,
)
from simulator.machine import Machine
from simulator.operator_view import OperatorView, state_name, status_name
from simulator.plain import one_line
from simulator.verdict import console_of, node_of

POLL_SECONDS = 0.5
AT_REST = (INSTALLED, UNRECOVERABLE_ERROR)
NOT_DEPLOYED = "not deployed"

Baremetals = Mapping[str, baremetal_pb2.Baremetal]
Changed = Callable[["Deployed"], None]


@dataclass(frozen=True, slots=True)
class Deployed:
    """One machine and Bearman's row for its deployment; None before there is one."""

    machine: Machine
    row: baremetal_pb2.Baremetal | None

    @property
    def expected(self) -> Outcome:
        """How the deployment should end."""
        fault = self.machine.board.fault
        return fault.deployed if fault else LIT_AND_INSTALLED

    @property
    def seen(self) -> Outcome:
        """Bearman's word on the state, the BMC's on the power."""
        state = state_name(self.row) if self.row else NOT_DEPLOYED
        return Outcome(state, self.machine.board.bmc.powered)

    @property
    def as_expected(self) -> bool:
        """Whether it ended as it should, and Bearman says why with the right code."""
        fault = self.machine.board.fault
        codes = fault.deployed_issues if fault else ()
        right = not codes or (self.row is not None and self.row.issue in codes)
        return self.expected == self.seen and right

    @property
    def at_rest(self) -> bool:
        """Whether Bearman is done with it."""
        return self.seen.status in AT_REST

    @property
    def words(self) -> str:
        """What is to be said where it ended otherwise than expected."""
        label, own = self.machine.board.identity.label, self.machine.deployed
        row = self.row
        reason = one_line(f"{row.step} {row.issue} {row.reason}", 300) if row else ""
        said = one_line(own.words, 200) if own else self.machine.phase
        return (
            f"{label}: expected {self.expected}, seen {self.seen}. {reason} (it: {said})\n"
            f"{console_of(self.machine)}"
        )


def deploy(
    machines: Sequence[Machine], operator: OperatorView, profile: str, names: Sequence[str] = ()
) -> None:
    """Deploy machines whose nodes are READY, with host names where there are some.

    Raises OperatorError.
    """
    nodes = operator.nodes()
    for number, machine in enumerate(machines):
        node = node_of(machine, nodes)
        if node is not None:
            operator.deploy(node.id, profile, names[number] if number < len(names) else "")


def ready(machines: Sequence[Machine], operator: OperatorView) -> list[Machine]:
    """The machines whose nodes can be deployed now; raises OperatorError."""
    nodes = operator.nodes()
    found = ((machine, node_of(machine, nodes)) for machine in machines)
    return [m for m, node in found if node is not None and status_name(node) == READY]


def wait_deployed(
    machines: Sequence[Machine],
    operator: OperatorView,
    limit: float,
    changed: Changed = lambda _: None,
) -> list[Deployed]:
    """Wait until Bearman is done with each, or until `limit` on the monotonic clock.

    `changed` is told of each machine whenever its row has another state or step.
    """
    last: dict[int, tuple[str, str, int]] = {}
    while True:
        rows = operator.baremetals()
        found = [Deployed(machine, row_of(machine, rows)) for machine in machines]
        for each in found:
            now = _place(each)
            if last.get(each.machine.board.number) != now:
                last[each.machine.board.number] = now
                changed(each)
        done = all(each.at_rest and each.as_expected for each in found)
        if done or time.monotonic() > limit:
            return found
        time.sleep(POLL_SECONDS)


def wait_released(machines: Sequence[Machine], operator: OperatorView, limit: float) -> list[str]:
    """Wait until all are READY and dark; return in words which are not by `limit`."""
    while True:
        nodes = operator.nodes()
        left = []
        for machine in machines:
            node = node_of(machine, nodes)
            seen = Outcome(status_name(node) if node else "", machine.board.bmc.powered)
            if seen != DARK_AND_READY:
                left.append(f"{machine.board.identity.label}: {seen}")
        if not left or time.monotonic() > limit:
            return left
        time.sleep(POLL_SECONDS)


def row_of(machine: Machine, rows: Baremetals) -> baremetal_pb2.Baremetal | None:
    """Bearman's deployment of a machine."""
    return rows.get(machine.node_id)


def _place(each: Deployed) -> tuple[str, str, int]:
    return (each.seen.status, each.row.step, each.row.attempt) if each.row else ("", "", 0)
