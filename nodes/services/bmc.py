"""Operations on a node's BMC: one at a time per BMC, over all of Bearman's processes."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from bearman.lib.errors import Busy, Conflict
from bearman.lib.issues import bmc as issues
from nodes import credentials
from nodes.bmc import BmcDriver, BmcEndpoint, BmcTimings, PowerState, driver_for
from nodes.models import Bmc
from nodes.services.breaker import breaker_watch

T = TypeVar("T")

# What an operation may take beyond the driver's own limits before another may have the BMC.
LEASE_MARGIN_SECONDS = 10


def timings(*, attempts: int | None = None) -> BmcTimings:
    """Return the time limits from the settings; `attempts` instead of the setting's."""
    return BmcTimings(
        login_s=settings.BMC_LOGIN_SECONDS,
        command_s=settings.BMC_COMMAND_SECONDS,
        attempts=attempts or settings.BMC_ATTEMPTS,
        backoff_s=settings.BMC_BACKOFF_SECONDS,
    )


@contextmanager
def bmc_lease(*, bmc_id: int, operation: str) -> Iterator[None]:
    """Have the BMC for oneself; raises Busy, naming what is under way, if somebody has it.

    A process that dies with the lease loses it after the longest time an operation can take.
    """
    token, now = uuid.uuid4(), timezone.now()
    free = Bmc.objects.filter(Q(busy_until=None) | Q(busy_until__lt=now), pk=bmc_id)
    if not free.update(
        busy_until=now + _longest_operation(), busy_token=token, busy_with=operation
    ):
        under_way = Bmc.objects.values_list("busy_with", flat=True).get(pk=bmc_id)
        raise Busy(f"Another operation ({under_way}) has this BMC now.", advice="Try again.")
    try:
        yield
    finally:
        Bmc.objects.filter(pk=bmc_id, busy_token=token).update(busy_until=None, busy_token=None)


def bmc_operate(
    *,
    bmc: Bmc,
    operation: str,
    run: Callable[[BmcDriver], T],
    password: bytes | memoryview | None = None,
    attempts: int | None = None,
) -> T:
    """Run one operation on a BMC with its proven credential, or with `password` (encrypted).

    Raises BmcError, Busy, or Conflict where the BMC has no address or no credential yet. Must not
    be called in a transaction: a BMC may be silent for long.
    """
    kept = password or bmc.password
    if bmc.address is None or kept is None:
        raise Conflict(
            f"The BMC of node {bmc.node_id} has no proven address and credential.",
            issue=issues.NO_CREDENTIAL,
        )
    endpoint = BmcEndpoint(
        host=bmc.address,
        port=settings.BMC_PORT,
        username=bmc.username,
        password=credentials.decrypt(kept),
    )
    with bmc_lease(bmc_id=bmc.pk, operation=operation), breaker_watch(bmc=bmc):
        return run(driver_for(endpoint, timings=timings(attempts=attempts)))


def power_note(*, bmc: Bmc, power: PowerState) -> None:
    """Keep the power state that was just read."""
    Bmc.objects.filter(pk=bmc.pk).update(
        power=power.value,
        power_read_at=timezone.now(),
        last_error="",
    )


def power_read(*, bmc: Bmc, attempts: int | None = None) -> PowerState:
    """Read the power state over the network and keep it. Raises BmcError, Busy or Conflict."""
    power = bmc_operate(
        bmc=bmc,
        operation="power status",
        run=lambda driver: driver.power_status(),
        attempts=attempts,
    )
    power_note(bmc=bmc, power=power)
    return power


def identify(*, bmc: Bmc, on: bool, attempts: int | None = None) -> None:
    """Switch the identify light on (until it is switched off) or off, and keep which.

    Raises BmcError, Busy or Conflict.
    """
    bmc_operate(
        bmc=bmc,
        operation=f"identify {'on' if on else 'off'}",
        run=lambda driver: driver.identify(on=on, seconds=None),
        attempts=attempts,
    )
    Bmc.objects.filter(pk=bmc.pk).update(identify_on=on, last_error="")


def _longest_operation() -> timedelta:
    one = settings.BMC_LOGIN_SECONDS + settings.BMC_COMMAND_SECONDS
    pauses = settings.BMC_BACKOFF_SECONDS * 2**settings.BMC_ATTEMPTS
    return timedelta(seconds=one * settings.BMC_ATTEMPTS + pauses + LEASE_MARGIN_SECONDS)
