"""Warns before a pool runs dry."""

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from bearman.lib.issues import addresses
from ipman.models import Pool
from ipman.selectors import PoolUsage, pool_usages
from ipman.services.notices import pool_told

log = structlog.get_logger(__name__)

ISSUES = {"alerted_at": addresses.POOL_NEARLY_FULL, "exhausted_at": addresses.POOL_EXHAUSTED}


def pool_alerts_raise() -> None:
    """Warn of each pool that became nearly full, and of each that is exhausted, once.

    In the log, and by message to people (see bearman.notices). A pool is armed again once it is
    below the threshold. Pools that are off say nothing.
    """
    for usage in pool_usages():
        watched = usage.pool.enabled
        _mark(usage, "alerted_at", watched and usage.nearly_full, "pool nearly full")
        _mark(usage, "exhausted_at", watched and usage.exhausted, "pool exhausted")


def _mark(usage: PoolUsage, mark: str, holds: bool, event: str) -> None:
    """Remember that the condition holds, and warn if it did not before.

    The warning comes before the commit: who dies in between warns twice rather than never.
    """
    if holds == (getattr(usage.pool, mark) is not None):
        return
    now = timezone.now() if holds else None
    with transaction.atomic():
        unmarked = Q((f"{mark}__isnull", holds), pk=usage.pool.pk)
        if not Pool.objects.filter(unmarked).update(**{mark: now}):
            return
        pool_told(usage=usage, issue=ISSUES[mark], holds=holds)
        if holds:
            log.warning(
                event,
                pool=usage.pool.name,
                zone=usage.pool.zone,
                purpose=usage.pool.purpose,
                used=usage.used,
                resting=usage.resting,
                free=usage.free,
                percent=usage.percent,
                threshold=usage.alert_percent,
                advice="Release what nobody needs, widen the pool, or add another one.",
            )
