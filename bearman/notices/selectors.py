"""Reads of messages."""

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from bearman.notices.models import ChannelState, Conversation, Notice, Trouble
from bearman.notices.states import UNSENT


def unsettled(channel: str) -> QuerySet[Conversation]:
    """Return the conversations of a channel in which there may be something new to say."""
    unsent = Notice.objects.filter(conversation=OuterRef("pk"), state__in=UNSENT)
    going = Conversation.objects.filter(channel=channel, done=False).exclude(Exists(unsent))
    counted = going.annotate(
        failed=_count(Trouble.objects.all()),
        ended=_count(Trouble.objects.filter(ended_at__isnull=False)),
    )
    settled = Q(settled_failed=F("failed"), settled_ended=F("ended"), thread__closed_at=None)
    return counted.exclude(Q(settled_failed__isnull=False) & settled)


def has_work(channel: str) -> bool:
    """Return whether a channel may have something to say now."""
    unsent = Notice.objects.filter(conversation__channel=channel, state__in=UNSENT)
    return unsent.exists() or unsettled(channel).exists()


def channel_states() -> dict[str, ChannelState]:
    """Return how the channels are, by name."""
    return {row.name: row for row in ChannelState.objects.all()}


def waiting_counts() -> dict[str, int]:
    """Return how many messages wait in each channel, by name."""
    counts: dict[str, int] = {}
    unsent = Notice.objects.filter(state__in=UNSENT)
    for name in unsent.values_list("conversation__channel", flat=True):
        counts[name] = counts.get(name, 0) + 1
    return counts


def _count(troubles: QuerySet[Trouble]) -> Coalesce:
    mine = troubles.filter(thread=OuterRef("thread")).order_by().values("thread")
    counted = Subquery(mine.annotate(count=Count("pk")).values("count"))
    return Coalesce(counted, 0, output_field=IntegerField())
