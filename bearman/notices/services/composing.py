"""Puts together what a message tells, from the rows as they are now."""

from typing import Any

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from bearman.lib.issues import issue_or_none
from bearman.notices.models import Conversation, Trouble
from bearman.notices.states import MOST_NAMED, Kind, Outcome


def payload_of(
    *, conversation: Conversation, kind: Kind, trouble: Trouble | None, listing: bool
) -> dict[str, Any]:
    """Return the facts of one message; `listing` puts the names into those of a whole thread."""
    thread = conversation.thread
    counts = thread.troubles.aggregate(
        failed=Count("pk"),
        ended=Count("pk", filter=Q(ended_at__isnull=False)),
        good=Count("pk", filter=Q(outcome=Outcome.GOOD)),
    )
    found: QuerySet[Trouble] = thread.troubles.order_by("pk")
    if trouble is not None:
        found = found.filter(pk=trouble.pk)
    elif kind is Kind.UPDATE:
        found = _changed(conversation, found)
    elif counts["failed"] > 1 and (not listing or kind is Kind.RESOLVED):
        found = found.none()
    issue = issue_or_none(thread.code)
    page = reverse("admin:notices_thread_change", args=[thread.pk])
    return {
        "kind": kind.value,
        "code": thread.code,
        "title": thread.title,
        "noun": thread.noun,
        "cause": thread.cause,
        **counts,
        "cases": [_case(each) for each in found[:MOST_NAMED]],
        "listed": found.count(),
        "advice": issue.advice if issue else "",
        "url": f"{settings.PUBLIC_URL}{page}",
    }


def _changed(conversation: Conversation, troubles: QuerySet[Trouble]) -> QuerySet[Trouble]:
    """Return those of which the channel has not heard: new ones, and those that ended since."""
    known = list(troubles.values_list("pk", flat=True)[: conversation.told_failed or 0])
    last = known[-1] if known else 0
    fresh = Q(pk__gt=last)
    if conversation.told_at is not None:
        fresh |= Q(ended_at__gt=conversation.told_at)
    return troubles.filter(fresh)


def _case(trouble: Trouble) -> dict[str, Any]:
    return {
        "facts": trouble.facts,
        "outcome": trouble.outcome,
        "words": trouble.end_words,
        "times": trouble.times,
    }
