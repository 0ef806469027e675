"""Sends what is in the outbox: in order, at a bounded rate, never lost, and once where it can be.

A message is claimed by a conditional UPDATE, with a time after which whoever claimed it is taken
for dead. Then, and after each attempt that ended without an answer, nobody knows whether it
arrived: where the channel can tell, it is asked before the message is sent again.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Least
from django.utils import timezone

from bearman.notices.channels.base import Channel, Message, NotSent, Sent
from bearman.notices.models import ChannelState, Conversation, Notice
from bearman.notices.services.composing import payload_of
from bearman.notices.services.planning import conversations_plan
from bearman.notices.states import OF_ALL, UNSENT, Kind, State
from bearman.notices.words import Content, document

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=3)  # longer than a look and an attempt take with their longest waits
LONGEST_PAUSE = 300.0  # seconds between two tries of a channel that fails
SHORT = 2.0  # seconds that are waited for here; longer ones are left to the next run
EARLIER = timedelta(minutes=5)  # clocks differ: how far before an attempt it is looked for


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that is ours until `until`; `unsure`: it may have arrived already."""

    notice: Notice
    until: datetime
    unsure: bool


def channel_deliver(*, channel: Channel, seconds: float) -> int:
    """Send what is due in one channel for at most `seconds`, and return how many went out."""
    ChannelState.objects.get_or_create(name=channel.name)
    until, sent = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        conversations_plan(channel=channel)
        if not _due(channel.name).exists() or not _turn(channel.name):
            break
        claim = _claim(channel)
        if claim is not None:
            sent += _send(channel, claim)
    return sent


def _turn(name: str) -> bool:
    """Wait for the channel to be free, and take it; false where that would take longer."""
    while True:
        now = timezone.now()
        following = now + timedelta(seconds=settings.NOTICE_PAUSE_SECONDS)
        free = ChannelState.objects.filter(name=name, free_at__lte=now)
        if free.update(free_at=following):
            return True
        row = ChannelState.objects.get(name=name)
        pause = (row.free_at - now).total_seconds()
        if pause > max(SHORT, settings.NOTICE_PAUSE_SECONDS) or row.failures:
            return False
        time.sleep(max(pause, 0.0))


def _due(name: str) -> Any:
    """Return what may be sent now: of each conversation the first that is left."""
    now = timezone.now()
    before = Notice.objects.filter(
        conversation=OuterRef("conversation"), pk__lt=OuterRef("pk"), state__in=UNSENT
    )
    waiting = Q(state=State.WAITING, next_at__lte=now)
    left = Q(state=State.SENDING, claimed_until__lt=now)  # by somebody who died
    return Notice.objects.filter(waiting | left, conversation__channel=name).exclude(Exists(before))


def _claim(channel: Channel) -> Claim | None:
    """Make the next message ours; heads go before replies, so that each failure is told soon."""
    heads = Case(When(kind=Kind.OPEN, then=Value(0)), default=Value(1))
    notice = _due(channel.name).order_by(heads, "pk").select_related("conversation__thread").first()
    if notice is None:
        return None
    unsure = notice.unsure or notice.state == State.SENDING
    if notice.kind in OF_ALL and not unsure:
        notice.payload = payload_of(
            conversation=notice.conversation,
            kind=Kind(notice.kind),
            trouble=None,
            listing=not channel.threads,
        )
    until = timezone.now() + LEASE
    claimed = Notice.objects.filter(
        pk=notice.pk, state=notice.state, claimed_until=notice.claimed_until
    ).update(
        state=State.SENDING,
        claimed_until=until,
        attempts=F("attempts") + 1,
        payload=notice.payload,
        unsure=unsure,
    )
    return Claim(notice, until, unsure) if claimed else None


def _send(channel: Channel, claim: Claim) -> int:
    message = _message(channel, claim.notice)
    unsure = claim.unsure
    try:
        found = channel.find(message) if unsure else None
        unsure = False
        sent = found or channel.send(message)
    except NotSent as error:
        _failed(channel, claim, error, unsure=unsure or error.unsure)
        return 0
    except Exception:
        log.exception("a message could not be sent", channel=channel.name, notice=claim.notice.pk)
        failure = NotSent("Bearman failed at this; its log says why.", this_only=True)
        _failed(channel, claim, failure, unsure=True)
        return 0
    _arrived(channel, claim, sent)
    return 1


def _message(channel: Channel, notice: Notice) -> Message:
    conversation = notice.conversation
    state = ChannelState.objects.filter(name=channel.name).first()
    return Message(
        key=str(notice.key),
        kind=Kind(notice.kind),
        document=document(Content.of_json(notice.payload)),
        topic=f"[Bearman] {conversation.thread}",
        head=conversation.remote_id,
        place=state.remote_id if state else "",
        since=(notice.made_at - EARLIER).timestamp(),
    )


def _arrived(channel: Channel, claim: Claim, sent: Sent) -> None:
    """Write down that it is out, and how much of the thread has been said with it."""
    notice, now = claim.notice, timezone.now()
    with transaction.atomic():
        Notice.objects.filter(pk=notice.pk, claimed_until=claim.until).update(
            state=State.SENT,
            sent_at=now,
            claimed_until=None,
            unsure=False,
            last_error="",
            remote_id=sent.remote_id,
        )
        changes: dict[str, Any] = {}
        if notice.kind in OF_ALL:
            told = (notice.payload["failed"], notice.payload["ended"])
            changes = {"told_failed": told[0], "told_ended": told[1], "told_at": now}
        if notice.kind == Kind.OPEN:
            changes["remote_id"] = sent.remote_id
        if changes:
            Conversation.objects.filter(pk=notice.conversation_id).update(**changes)
        place = {"remote_id": sent.place} if sent.place else {}
        ChannelState.objects.filter(name=channel.name).update(
            failures=0, sent_at=now, last_error="", **place
        )


def _failed(channel: Channel, claim: Claim, error: NotSent, *, unsure: bool) -> None:
    """Put it back, and rest: the channel, or this message alone where that is refused."""
    now, notice = timezone.now(), claim.notice
    pause = _pause(notice.attempts if error.this_only else _failures(channel.name))
    if error.seconds is not None:
        pause = error.seconds
    then = now + timedelta(seconds=pause)
    skip = error.this_only and notice.kind == Kind.COUNT  # its head is gone: nothing to put right
    log.warning("a message was not sent", channel=channel.name, notice=notice.pk, why=str(error))
    with transaction.atomic():
        Notice.objects.filter(pk=notice.pk, claimed_until=claim.until).update(
            state=State.GIVEN_UP if skip else State.WAITING,
            claimed_until=None,
            unsure=unsure,
            next_at=then if error.this_only else now,
            last_error=str(error)[:500],
        )
        if skip:
            Conversation.objects.filter(pk=notice.conversation_id).update(
                told_failed=notice.payload["failed"], told_ended=notice.payload["ended"]
            )
        if not error.this_only:
            ChannelState.objects.filter(name=channel.name).update(
                free_at=then,
                failures=Least(F("failures") + 1, 1000),
                last_error=str(error)[:500],
                failed_at=now,
            )


def _failures(name: str) -> int:
    return ChannelState.objects.values_list("failures", flat=True).get(name=name)


def _pause(failures: int) -> float:
    """Return the seconds after so many failures in a row: doubling, up to five minutes."""
    return float(min(LONGEST_PAUSE, settings.NOTICE_RETRY_SECONDS * 2 ** min(failures, 10)))
