"""How long each step and attempt of a deployment took, out of its events."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from baremetal.models import BaremetalEvent, EventKind
from baremetal.states import NOT_AT_REST, BaremetalState

_MOVES = frozenset({EventKind.STATE, EventKind.STEP})


@dataclass(frozen=True, slots=True)
class Phase:
    """A step in one attempt; `ended` is None while it lasts, `failed` if it led to no next step."""

    state: BaremetalState
    step: str
    attempt: int
    began: datetime
    ended: datetime | None = None
    failed: bool = False

    def seconds(self, now: datetime) -> float:
        """Return how long it took, or has taken until now."""
        return ((self.ended or now) - self.began).total_seconds()


def phases_of(events: Iterable[BaremetalEvent]) -> list[Phase]:
    """Return the phases that some events of one deployment, oldest first, began.

    What rests (INSTALLED, given up, released) is not waited for, and no phase.
    """
    found: list[Phase] = []
    for event in events:
        if found and not _moves(event, found[-1]):
            continue
        if found:
            found[-1] = replace(found[-1], ended=event.at, failed=_failed(event, found[-1]))
        state = event.to_state or (found[-1].state if found else "")
        if state:
            begun = Phase(BaremetalState(state), event.step, event.attempt, event.at)
            found.append(begun)
    return [phase for phase in found if phase.state in NOT_AT_REST]


def _moves(event: BaremetalEvent, before: Phase) -> bool:
    return event.kind in _MOVES or event.attempt != before.attempt


def _failed(event: BaremetalEvent, before: Phase) -> bool:
    refused = (before.state, event.to_state) == (
        BaremetalState.DEPLOY_START,
        BaremetalState.RELEASED,
    )
    given_up = event.to_state == BaremetalState.UNRECOVERABLE_ERROR
    return refused or given_up or event.attempt > before.attempt
