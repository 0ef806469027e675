"""Troubles of one cause that come close together become one thread."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from bearman.notices.channels.configured import channels
from bearman.notices.models import Conversation, Thread, Trouble

BATCH = 1000  # troubles that one run takes; the next run goes on
_LOCK = 0x6E6F7469636573  # "notices", as an advisory lock's number


def threads_gather() -> None:
    """Give each new trouble its thread, and close the threads of which none is left.

    A trouble joins the open thread of its group unless that was quiet for
    BEARMAN_NOTICE_WINDOW_SECONDS. May run in two places at once: one waits for the other.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        threads: dict[str, Thread] = {}
        # Not those that are just being written: whoever writes them may hold others, too.
        new = Trouble.objects.filter(thread=None).select_for_update(skip_locked=True)
        for trouble in new.order_by("failed_at", "id")[:BATCH]:
            trouble.thread = _thread_for(trouble, threads)
            trouble.save(update_fields=["thread"])
        for thread in threads.values():
            thread.save(update_fields=["last_at"])
        left = Trouble.objects.filter(thread=OuterRef("pk"), ended_at=None)
        going = Thread.objects.filter(closed_at=None).exclude(Exists(left))
        going.update(closed_at=timezone.now())


def _thread_for(trouble: Trouble, threads: dict[str, Thread]) -> Thread:
    window = timedelta(seconds=settings.NOTICE_WINDOW_SECONDS)
    thread = threads.get(trouble.group) or _open_thread(trouble.group)
    if thread is None or trouble.failed_at > thread.last_at + window:
        if thread is not None and trouble.group in threads:
            thread.save(update_fields=["last_at"])
        thread = _new_thread(trouble)
    thread.last_at = max(thread.last_at, trouble.failed_at)
    threads[trouble.group] = thread
    return thread


def _open_thread(group: str) -> Thread | None:
    return Thread.objects.filter(group=group, closed_at=None).order_by("-id").first()


def _new_thread(trouble: Trouble) -> Thread:
    at: datetime = trouble.failed_at
    thread = Thread.objects.create(
        group=trouble.group,
        code=trouble.code,
        title=str(trouble.facts.get("title", ""))[:200],
        noun=trouble.noun,
        cause=trouble.cause,
        opened_at=at,
        last_at=at,
    )
    Conversation.objects.bulk_create(
        Conversation(thread=thread, channel=channel.name) for channel in channels()
    )
    return thread
