"""What fails and what comes good, written down in the transaction in which it does."""

from datetime import timedelta

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from bearman.notices.channels.configured import wanted
from bearman.notices.facts import Facts, Group
from bearman.notices.models import Trouble
from bearman.notices.states import Outcome


def trouble_open(*, subject: str, group: Group, facts: Facts) -> None:
    """Write down that something failed; the worker tells of it.

    Call it in the transaction that fails it. `subject` names it for good (`node:<key>`). The same
    failure of the same subject within BEARMAN_NOTICE_WINDOW_SECONDS is counted and not told again;
    another one ends the one before. With no channel configured nothing is written.
    """
    if not wanted():
        return
    now = timezone.now()
    before = Trouble.objects.filter(subject=subject[:100], ended_at=None)
    recent = now - timedelta(seconds=settings.NOTICE_WINDOW_SECONDS)
    same = before.filter(group=group.key, failed_at__gte=recent)
    if same.update(times=F("times") + 1, failed_at=now, facts=facts.as_json()):
        return
    before.update(
        ended_at=now,
        outcome=Outcome.OTHER,
        end_words=f"it failed once more, with {group.code}; that has a message of its own",
    )
    row = Trouble(
        subject=subject[:100],
        group=group.key,
        code=group.code[:12],
        noun=group.noun[:40],
        cause=group.cause[:200],
        facts=facts.as_json(),
        failed_at=now,
    )
    # It must never stop what it tells of: where somebody was faster, that one stays.
    Trouble.objects.bulk_create([row], ignore_conflicts=True)


def trouble_end(*, subject: str, outcome: Outcome, words: str) -> None:
    """Write down that a subject needs nobody any more; nothing where nobody was told of it.

    Call it in the transaction that says so. `words` go on after the name: "READY again".
    """
    if not wanted():
        return
    Trouble.objects.filter(subject=subject[:100], ended_at=None).update(
        ended_at=timezone.now(), outcome=outcome, end_words=words[:200]
    )
