"""Switching the machine of a deployment on, so that it boots from the network."""

import time
from contextlib import suppress
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from baremetal.models import Baremetal, EventKind
from baremetal.services.retry import give_up
from baremetal.services.status import event_add, unchanged
from baremetal.states import BaremetalState, Step
from bearman.lib.errors import BearmanError, Busy
from bearman.lib.issues import bmc as issues
from bearman.lib.issues import boot
from nodes.bmc import BmcAuthError, BmcDriver, BmcError, BootDevice, PowerState
from nodes.models import Bmc
from nodes.services.bmc import bmc_operate, power_note, power_read

READS = 10  # times that the power is read, a second apart, until it is what was asked for
STARTING = (BaremetalState.DEPLOY_START, BaremetalState.DEPLOYING)


def deployment_power_on(*, baremetal_id: int, attempt: int) -> bool:
    """Cut the power if that is due, have the next boot come from the network, and switch on.

    Runs in the worker and may run twice: what is done is written down after each action, and an
    action that is done is not repeated. Returns whether the machine has power now; where the BMC
    fails, the row says why and when it is tried again.
    """
    row = _due(baremetal_id, attempt)
    if row is None:
        return False
    bmc = Bmc.objects.filter(node=row.node_id).first()
    try:
        if bmc is None:
            raise BearmanError("The node has no BMC any more.", issue=issues.NO_CREDENTIAL)
        _switch(row, bmc)
    except Busy:
        raise  # the task is tried again soon
    except (BmcError, BearmanError) as error:
        _failed(row, error)
        return False
    return True


def power_off_and_see(bmc: Bmc) -> None:
    """Cut the power and read that it is off; raises BmcError, or BearmanError if it stays on."""
    if power_read(bmc=bmc) is PowerState.OFF:
        return
    bmc_operate(bmc=bmc, operation="power off", run=lambda driver: driver.power_off(hard=True))
    if not _becomes(bmc, PowerState.OFF):
        raise BearmanError(
            f"The BMC at {bmc.address} accepted to cut the power, but says that it is still on.",
            issue=issues.STAYS_ON,
        )


def _due(baremetal_id: int, attempt: int) -> Baremetal | None:
    return Baremetal.objects.filter(
        pk=baremetal_id,
        attempt=attempt,
        step=Step.POWER_ON,
        state__in=STARTING,
        powered_at=None,
    ).first()


def _switch(row: Baremetal, bmc: Bmc) -> None:
    if row.power_cut:
        power_off_and_see(bmc)
        # Not if the machine has asked what to boot in this very moment; but then it is off now,
        # by us, and is switched on all the same.
        unchanged(row).update(power_cut=False)
    if power_read(bmc=bmc) is PowerState.ON:
        # By a worker that was killed before it could say so, or by somebody's finger.
        _switched_on(row, "It has power already.")
        return
    operation = "boot from the network"
    found = bmc_operate(bmc=bmc, operation=operation, run=_network_first)
    if found not in (BootDevice.PXE, BootDevice.NONE):
        words = f"Its BMC was to boot it from {found}; set to the network again."
        issue = boot.BOOT_ORDER_PUT_RIGHT
        event_add(row=row, kind=EventKind.POWER, message=words, issue=issue)
    bmc_operate(bmc=bmc, operation="power on", run=lambda driver: driver.power_on())
    if not _becomes(bmc, PowerState.ON):
        raise BearmanError(
            f"The BMC at {bmc.address} accepted to switch the machine on, but it stays off.",
            issue=issues.STAYS_OFF,
        )
    _switched_on(row, "Switched on, to boot from the network.")


def _switched_on(row: Baremetal, words: str) -> None:
    # Also if the machine has asked what to boot by now.
    same = Baremetal.objects.filter(pk=row.pk, attempt=row.attempt, state__in=STARTING)
    same.update(powered_at=timezone.now())
    event_add(row=row, kind=EventKind.POWER, message=words)


def _network_first(driver: BmcDriver) -> BootDevice:
    """Have the next boot come from the network; returns what was set before."""
    before = BootDevice.NONE
    with suppress(BmcError):  # some BMCs cannot tell; what counts is that it is set now
        before = driver.get_boot_device().device
    driver.set_boot_device(BootDevice.PXE)
    return before


def _becomes(bmc: Bmc, wanted: PowerState) -> bool:
    for number in range(READS):
        if number:
            time.sleep(settings.POWER_POLL_SECONDS)
        power = bmc_operate(bmc=bmc, operation="power status", run=lambda d: d.power_status())
        power_note(bmc=bmc, power=power)
        if power is wanted:
            return True
    return False


def _failed(row: Baremetal, error: BmcError | BearmanError) -> None:
    """Write down why, and when the reconciler is to try again: pauses double.

    A refused login is not tried again: BMCs lock accounts.
    """
    if isinstance(error, BmcAuthError):
        give_up(row=row, reason=str(error), more_advice=error.advice, issue=error.issue)
        return
    pause = timedelta(seconds=settings.RETRY_SECONDS * 2 ** (row.attempt - 1))
    words = getattr(error, "message", str(error))
    unchanged(row).update(
        reason=words[:1000],
        advice=error.advice[:1000],
        issue=error.issue.code if error.issue else "",
        deadline=timezone.now() + pause,
    )
    event_add(row=row, kind=EventKind.WARNING, message=words, issue=error.issue)
