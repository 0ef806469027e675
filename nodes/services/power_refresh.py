"""Keeps the power states that people see fresh, without hurting BMCs."""

import queue
import threading
import time
from contextlib import suppress
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import connection
from django.db.models import F, Q
from django.utils import timezone

from bearman.lib.errors import BearmanError
from nodes.bmc import BmcError
from nodes.models import Bmc
from nodes.services.bmc import power_read
from nodes.services.breaker import breaker_closed
from nodes.states import NodeStatus

log = structlog.get_logger(__name__)

# A machine that registers is proven in another way, and one in quarantine has no BMC.
REFRESHED = (
    *(NodeStatus.READY, NodeStatus.IN_USE),
    *(NodeStatus.REGISTER_FAILED, NodeStatus.MAINTENANCE),
)
THREADS = 16  # at most so many are waited for at once
RUN_SECONDS = 30  # about so much work for one run; the next one goes on


def power_refresh() -> int:
    """Read the power of machines where that is old, and return how many were asked.

    At most BEARMAN_POWER_REFRESH_RATE a second, one try each; BMCs that somebody operates or
    whose breaker is open are left alone. What is read is shown, and nothing follows from it.
    """
    rate = max(1, settings.POWER_REFRESH_RATE)
    bmcs = power_refresh_due(limit=rate * RUN_SECONDS)
    waiting: queue.Queue[Bmc | None] = queue.Queue()
    threads = [
        threading.Thread(target=_work, args=(waiting,), name=f"power-refresh-{number}")
        for number in range(min(THREADS, len(bmcs)))
    ]
    for thread in threads:
        thread.start()
    _feed(waiting, bmcs, rate)
    for _ in threads:
        waiting.put(None)
    for thread in threads:
        thread.join()
    return len(bmcs)


def power_refresh_due(*, limit: int) -> list[Bmc]:
    """Return the BMCs whose power was not read for BEARMAN_POWER_REFRESH_SECONDS, oldest first."""
    now = timezone.now()
    if not settings.POWER_REFRESH_SECONDS:
        return []
    old = now - timedelta(seconds=settings.POWER_REFRESH_SECONDS)
    due = Bmc.objects.filter(
        Q(power_read_at=None) | Q(power_read_at__lt=old),
        Q(busy_until=None) | Q(busy_until__lt=now),
        breaker_closed(),
        node__status__in=REFRESHED,
        address__isnull=False,
        password__isnull=False,
    )
    return list(due.order_by(F("power_read_at").asc(nulls_first=True))[:limit])


def _feed(waiting: "queue.Queue[Bmc | None]", bmcs: list[Bmc], rate: int) -> None:
    begun = time.monotonic()
    for number, bmc in enumerate(bmcs):
        time.sleep(max(0.0, begun + number / rate - time.monotonic()))
        waiting.put(bmc)


def _work(waiting: "queue.Queue[Bmc | None]") -> None:
    try:
        while (bmc := waiting.get()) is not None:
            _read(bmc)
    finally:
        connection.close()


def _read(bmc: Bmc) -> None:
    try:
        with suppress(BmcError, BearmanError):  # the breaker has counted it, and its row says it
            power_read(bmc=bmc, attempts=1)
    except Exception:
        log.exception("a power state was not read", bmc=bmc.pk)
