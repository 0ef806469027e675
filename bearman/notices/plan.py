"""What a channel says next of a thread; no Django here."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bearman.notices.states import MOST_NAMED, Kind


@dataclass(frozen=True, slots=True)
class Told:
    """One trouble as a channel knows it."""

    pk: int
    ended: bool
    named: bool = False  # has had a message of its own
    end_told: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """A thread, and how much of it a channel has said.

    `told` is the number of troubles and of ended ones in what was said last, None before the head.
    """

    opened_at: datetime
    closed: bool
    troubles: Sequence[Told]
    told: tuple[int, int] | None = None
    told_at: datetime | None = None
    resolved: bool = False

    @property
    def counts(self) -> tuple[int, int]:
        """Return how many there are, and how many of them have ended."""
        return len(self.troubles), sum(trouble.ended for trouble in self.troubles)


@dataclass(frozen=True, slots=True)
class Next:
    """What to say: the messages, in order, and whether there will be nothing to say after them."""

    messages: list[tuple[Kind, int | None]] = field(default_factory=list)
    done: bool = False


def in_threads(view: View, now: datetime, *, pause: timedelta) -> Next:
    """Return what comes next where replies stand under a head that can be changed.

    The head comes at once. With more than one trouble, the first of them are named under it, and
    its numbers are put right at most once a `pause`.
    """
    if view.told is None:
        return Next([(Kind.OPEN, None)])
    messages: list[tuple[Kind, int | None]] = []
    many = len(view.troubles) > 1
    named = view.troubles[:MOST_NAMED]
    if many:
        messages += [(Kind.ONE, trouble.pk) for trouble in named if not trouble.named]
    messages += [
        (Kind.GOOD, trouble.pk)
        for trouble in named
        if trouble.ended and not trouble.end_told and (trouble.named or not many)
    ]
    if view.told != view.counts and (view.closed or _rested(view, now, pause)):
        messages.append((Kind.COUNT, None))
    if view.closed and many and not view.resolved:
        messages.append((Kind.RESOLVED, None))
    return Next(messages, done=view.closed and not messages)


def in_digests(view: View, now: datetime, *, gather: timedelta, pause: timedelta) -> Next:
    """Return what comes next where a message cannot be changed once it is out.

    The first one waits for `gather`, so that it has those that fail together; further ones come at
    most once a `pause`, and one at once when none is left.
    """
    if view.told is None:
        due = view.closed or now >= view.opened_at + gather
        return Next([(Kind.OPEN, None)] if due else [])
    if view.told == view.counts:
        return Next(done=view.closed)
    if view.closed:
        return Next([(Kind.RESOLVED, None)])
    return Next([(Kind.UPDATE, None)] if _rested(view, now, pause) else [])


def _rested(view: View, now: datetime, pause: timedelta) -> bool:
    return view.told_at is None or now >= view.told_at + pause
