"""What operators do with messages that do not go out, and how old ones go."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from bearman.lib.errors import Conflict
from bearman.notices.models import ChannelState, Conversation, Notice, Thread
from bearman.notices.states import UNSENT, Kind, State

KEPT = timedelta(days=30)


def notice_again(*, notice: Notice) -> None:
    """Send a message that waits, or was given up, as soon as may be. Raises Conflict if it is out.

    What else waits for the same channel goes with it.
    """
    now = timezone.now()
    with transaction.atomic():
        again = Notice.objects.filter(pk=notice.pk, state__in=[State.WAITING, State.GIVEN_UP])
        if not again.update(state=State.WAITING, next_at=now):
            raise Conflict(
                f"The message {notice} is {_state(notice)}.", advice="It need not be sent again."
            )
        channel = notice.conversation.channel
        ChannelState.objects.filter(name=channel, free_at__gt=now).update(free_at=now)
        Conversation.objects.filter(pk=notice.conversation_id).update(done=False)


def notice_give_up(*, notice: Notice) -> None:
    """Send a message no more; with the head of a thread, nothing of the thread in its channel.

    Raises Conflict where it is out, or being sent.
    """
    with transaction.atomic():
        waiting = Notice.objects.filter(pk=notice.pk, state=State.WAITING)
        if not waiting.update(state=State.GIVEN_UP):
            raise Conflict(
                f"The message {notice} is {_state(notice)}.",
                advice="Only one that waits can be given up.",
            )
        going_on = Conversation.objects.filter(pk=notice.conversation_id)
        if notice.kind == Kind.OPEN:
            going_on.update(done=True)
        elif notice.kind in (Kind.COUNT, Kind.UPDATE, Kind.RESOLVED):
            going_on.update(
                told_failed=notice.payload["failed"], told_ended=notice.payload["ended"]
            )


def threads_prune() -> None:
    """Delete threads that ended over 30 days ago and of which nothing waits to be sent."""
    old = Thread.objects.filter(closed_at__lt=timezone.now() - KEPT)
    old.exclude(conversations__notices__state__in=UNSENT).delete()


def _state(notice: Notice) -> str:
    return str(Notice.objects.values_list("state", flat=True).get(pk=notice.pk))
