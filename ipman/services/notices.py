"""Tells people of pools that run dry."""

from django.conf import settings
from django.urls import reverse

from bearman.lib.issues import Issue
from bearman.notices.facts import Facts, Group
from bearman.notices.services.troubles import trouble_end, trouble_open
from bearman.notices.states import Outcome
from ipman.selectors import PoolUsage


def pool_told(*, usage: PoolUsage, issue: Issue, holds: bool) -> None:
    """Write down for people that a pool runs dry, or does so no more; call it in a transaction."""
    pool = usage.pool
    subject = f"pool:{pool.pk}:{issue.code}"
    if not holds:
        words = f"{usage.free:,} addresses are free again"
        trouble_end(subject=subject, outcome=Outcome.GOOD, words=words)
        return
    page = reverse("admin:ipman_pool_change", args=[pool.pk])
    facts = Facts(
        name=f"Pool {pool.name}",
        code=issue.code,
        title=issue.title,
        did=f"has {usage.free:,} of {usage.capacity:,} addresses left",
        advice=issue.advice,
        place=f"zone {pool.zone}",
        details=(
            ("Zone", pool.zone),
            ("Purpose", pool.purpose),
            ("In use", f"{usage.used:,}"),
            ("Resting", f"{usage.resting:,}"),
        ),
        url=f"{settings.PUBLIC_URL}{page}",
    )
    group = Group(code=issue.code, noun="pool", cause=f"zone {pool.zone}")
    trouble_open(subject=subject, group=group, facts=facts)
