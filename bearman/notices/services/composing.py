"""Puts together what a message tells, from the rows as they are now."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from django.conf import settings
from django.urls import reverse

from bearman.lib.issues import issue_or_none
from bearman.notices.models import Conversation, Trouble
from bearman.notices.states import MOST_NAMED, UNSENT, Kind, Outcome


@dataclass(frozen=True, slots=True)
class _Heard:
    """The numbers of troubles that are told of, and of those that are told to have ended."""

    failed: set[int]
    ended: set[int]

    def without(self, other: Self) -> Self:
        """Return what is in this and not in the other."""
        return type(self)(self.failed - other.failed, self.ended - other.ended)

    def as_json(self) -> dict[str, list[int]]:
        """Return it for a payload."""
        return {"failed": sorted(self.failed), "ended": sorted(self.ended)}


def payload_of(
    *, conversation: Conversation, kind: Kind, trouble: Trouble | None, listing: bool
) -> dict[str, Any]:
    """Return the facts of one message; `listing` puts the names into those of a whole thread."""
    thread = conversation.thread
    rows = list(thread.troubles.values_list("pk", "ended_at", "outcome"))
    now = _Heard({pk for pk, _, _ in rows}, {pk for pk, ended_at, _ in rows if ended_at})
    fresh = now.without(_heard(conversation)) if listing else now
    named = sorted(now.failed)
    if trouble is not None:
        named = [trouble.pk]
    elif kind is Kind.UPDATE:
        named = sorted(fresh.failed | fresh.ended)
    elif len(rows) > 1 and (not listing or kind is Kind.RESOLVED):
        named = []
    issue = issue_or_none(thread.code)
    page = reverse("admin:notices_thread_change", args=[thread.pk])
    return {
        "kind": kind.value,
        "code": thread.code,
        "title": thread.title,
        "noun": thread.noun,
        "cause": thread.cause,
        "failed": len(now.failed),
        "ended": len(now.ended),
        "good": sum(outcome == Outcome.GOOD for _, _, outcome in rows),
        "cases": _cases(named[:MOST_NAMED]),
        "listed": len(named),
        "heard": fresh.as_json() if listing else {},
        "advice": issue.advice if issue else "",
        "url": f"{settings.PUBLIC_URL}{page}",
    }


def _heard(conversation: Conversation) -> _Heard:
    """Return of what the channel has heard: of what its messages say that they tell.

    Neither numbers nor times tell that: what began to be written earlier may be there later.
    """
    heard = _Heard(set(), set())
    out = conversation.notices.exclude(state__in=UNSENT)
    for told in out.values_list("payload__heard", flat=True):
        heard.failed.update((told or {}).get("failed", ()))
        heard.ended.update((told or {}).get("ended", ()))
    return heard


def _cases(keys: Sequence[int]) -> list[dict[str, Any]]:
    found = Trouble.objects.in_bulk(keys)
    return [_case(found[pk]) for pk in keys]


def _case(trouble: Trouble) -> dict[str, Any]:
    return {
        "facts": trouble.facts,
        "outcome": trouble.outcome,
        "words": trouble.end_words,
        "times": trouble.times,
    }
