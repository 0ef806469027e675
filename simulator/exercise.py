"""One whole run: build the fleet, press the buttons, wait, judge; deploy what is READY."""

import time
from collections.abc import Callable, Iterable, Iterator

from simulator.deployments import Deployed, deploy, ready, wait_deployed
from simulator.fleet import Fleet
from simulator.lineup import FleetPlan
from simulator.machine import Machine
from simulator.operator_view import OperatorView
from simulator.summary import Summary, summarise
from simulator.verdict import judge, judge_by_bearman

Watch = Callable[[Fleet, Iterable[Machine]], Iterator[Machine]]


def _in_silence(_fleet: Fleet, at_rest: Iterable[Machine]) -> Iterator[Machine]:
    yield from at_rest


def exercise(
    plan: FleetPlan,
    *,
    timeout: float = 600.0,
    watch: Watch = _in_silence,
    operator: OperatorView | None = None,
    profile: str = "",
) -> Summary:
    """Run a plan to its end, at most `timeout` seconds, and clean up.

    With `operator` the outcome is what Bearman says, else what the machines saw themselves. With
    `profile` the machines that are READY then are deployed with it. Raises OperatorError.
    """
    limit = time.monotonic() + timeout
    with Fleet(plan) as fleet:
        began = time.monotonic()
        for _ in watch(fleet, fleet.press_buttons(timeout)):
            pass
        seconds = time.monotonic() - began
        if operator is None:
            verdicts = judge(fleet.machines)
        else:
            verdicts = judge_by_bearman(fleet.machines, operator, limit)
        deployed = _deploy(fleet, operator, profile, limit) if operator and profile else None
        return summarise(fleet.machines, verdicts, seconds, deployed)


def _deploy(
    fleet: Fleet, operator: OperatorView, profile: str, limit: float
) -> tuple[list[Deployed], float]:
    """Deploy what is READY; returns what became of it, and after how many seconds."""
    machines = ready(fleet.machines, operator)
    began = time.monotonic()
    deploy(machines, operator, profile)
    return wait_deployed(machines, operator, limit), time.monotonic() - began
