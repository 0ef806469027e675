"""Decides what a channel says next, and puts it into the outbox."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from bearman.notices.channels.base import Channel
from bearman.notices.models import Conversation, Notice, Trouble
from bearman.notices.plan import Next, Told, View, in_digests, in_threads
from bearman.notices.selectors import unsettled
from bearman.notices.services.composing import payload_of
from bearman.notices.states import Kind

# A head is changed silently, so often at most.
COUNT_PAUSE = timedelta(seconds=10)
BATCH = 200  # conversations that one run looks at


def conversations_plan(*, channel: Channel) -> None:
    """Put into the outbox what comes next in each conversation that has nothing in it.

    While a message waits for its channel, nothing is added behind it: what has happened by the time
    it goes out is told then, and not one by one.
    """
    found = unsettled(channel.name)
    for pk in list(found.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            # In two statements: the second one sees what another worker did before we had the lock.
            Conversation.objects.select_for_update().filter(pk=pk).first()
            conversation = found.select_related("thread").filter(pk=pk).first()
            if conversation is not None:
                _plan(channel, conversation)


def _plan(channel: Channel, conversation: Conversation) -> None:
    view = _view(conversation)
    step = _next(channel, view)
    troubles = Trouble.objects.in_bulk([pk for _, pk in step.messages if pk is not None])
    for kind, pk in step.messages:
        trouble = troubles.get(pk) if pk is not None else None
        Notice.objects.create(
            conversation=conversation,
            kind=kind,
            trouble=trouble,
            payload=payload_of(
                conversation=conversation,
                kind=kind,
                trouble=trouble,
                listing=not channel.threads,
            ),
        )
    if not step.messages and view.told == view.counts:
        failed, ended = view.counts
        Conversation.objects.filter(pk=conversation.pk).update(
            done=step.done, settled_failed=failed, settled_ended=ended
        )


def _next(channel: Channel, view: View) -> Next:
    now = timezone.now()
    if channel.threads:
        return in_threads(view, now, pause=COUNT_PAUSE)
    return in_digests(
        view,
        now,
        gather=timedelta(seconds=settings.NOTICE_GATHER_SECONDS),
        pause=timedelta(seconds=settings.NOTICE_UPDATE_SECONDS),
    )


def _view(conversation: Conversation) -> View:
    thread, told = conversation.thread, None
    if conversation.told_failed is not None:
        told = (conversation.told_failed, conversation.told_ended or 0)
    kinds: dict[str, dict[int | None, datetime]] = {kind: {} for kind in Kind}
    for kind, trouble, at in conversation.notices.values_list("kind", "trouble", "made_at"):
        kinds[kind][trouble] = at
    rows = list(thread.troubles.order_by("pk").values_list("pk", "ended_at"))
    whole = len(rows) == 1 and told == (1, 1)  # the head said all there is
    return View(
        opened_at=thread.opened_at,
        closed=thread.closed_at is not None,
        troubles=[_told(pk, ended_at, kinds, whole) for pk, ended_at in rows],
        told=told,
        told_at=conversation.told_at,
        resolved=bool(kinds[Kind.RESOLVED]),
    )


def _told(
    pk: int, ended_at: datetime | None, kinds: dict[str, dict[int | None, datetime]], whole: bool
) -> Told:
    """Return a trouble as the channel knows it; its own message may have told its end already."""
    named_at = kinds[Kind.ONE].get(pk)
    within = named_at is not None and ended_at is not None and named_at >= ended_at
    return Told(
        pk=pk,
        ended=ended_at is not None,
        named=named_at is not None,
        end_told=whole or within or pk in kinds[Kind.GOOD],
    )
