"""Telling the second of two operators who was first."""

from datetime import timedelta

from django.utils import timezone

from baremetal.models import Baremetal
from baremetal.selectors import latest_of_operators
from bearman.lib.errors import Conflict


def require_first(*, row: Baremetal, seen: int, actor: str) -> None:
    """Raise Conflict where another operator did something with a deployment since `seen`.

    `seen` is the number of the last event of an operator that this one knew of, 0 for none.
    """
    event = latest_of_operators(baremetal_ids=[row.pk]).get(row.pk)
    if event is None or event.pk <= seen or event.actor == actor:
        return
    ago = timedelta(seconds=round((timezone.now() - event.at).total_seconds()))
    what = event.message.rstrip(".")
    raise Conflict(
        f"{event.actor} was first, {ago} (h:m:s) ago: {what}. {row.hostname} is {row.state} now.",
        advice="Look at it again before you do more.",
    )


def somebody_else(row: Baremetal) -> Conflict:
    """Return the error for a row with which another operator has just done something."""
    event = latest_of_operators(baremetal_ids=[row.pk]).get(row.pk)
    who = f"{event.actor} was first: {event.message.rstrip('.')}. " if event else ""
    return Conflict(
        f"{who}{row.hostname} is {row.state} now.", advice="Look at it again before you do more."
    )
