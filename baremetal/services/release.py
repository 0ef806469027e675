"""Taking a machine back: off, its addresses free, its node READY."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from baremetal.models import Baremetal, EventKind
from baremetal.services.first import somebody_else
from baremetal.services.power import power_off_and_see
from baremetal.services.prepare import bmc_lock
from baremetal.services.refuse import SWEEP
from baremetal.services.retry import give_up
from baremetal.services.status import baremetal_move, event_add, same_boot, unchanged
from baremetal.states import BaremetalState, Step
from bearman.lib.errors import BearmanError, Busy
from bearman.lib.issues.deployment import NOT_TAKEN_BACK
from ipman.client import ipman
from nodes.bmc import BmcError
from nodes.models import Bmc
from nodes.services.boot import boot_tokens_end
from nodes.services.status import node_move
from nodes.states import NodeStatus

TASK = "baremetal.tasks.power_off"  # by its name: services know nothing of tasks


def baremetal_release(*, row: Baremetal, actor: str) -> Baremetal:
    """Begin to take a machine back; a deployment that is under way is cancelled by that.

    Releasing what is being released, or has been, is no error: the answer to the first time may
    have been lost. Raises Conflict where somebody else did something with it at the same moment.
    """
    if row.state in (BaremetalState.RELEASING, BaremetalState.RELEASED):
        return row
    under_way = row.state in (BaremetalState.DEPLOY_START, BaremetalState.DEPLOYING)
    with transaction.atomic():
        moved = baremetal_move(
            row=row,
            to=BaremetalState.RELEASING,
            step=Step.POWER_OFF,
            actor=actor,
            message=f"{actor} {'cancels the deployment' if under_way else 'releases it'}.",
            attempt=1,
            nonce="",
            powered_at=None,
        )
        if moved:
            boot_tokens_end(node_id=row.node_id)
            power_off_defer(row=row)
    if not moved:
        return _again(row, actor)
    return row


def power_off_defer(*, row: Baremetal) -> None:
    """Have the worker switch the machine off; part of a transaction."""
    task = app.configure_task(TASK, lock=bmc_lock(row))
    task.defer(baremetal_id=row.pk, attempt=row.attempt)


def release_finish(*, baremetal_id: int, attempt: int) -> bool:
    """Switch the machine off, give its addresses back and make its node READY; runs in the worker.

    May run twice. Returns whether it is over; where the BMC fails, the row says why and when it is
    tried again.
    """
    row = Baremetal.objects.filter(
        pk=baremetal_id, attempt=attempt, state=BaremetalState.RELEASING
    ).first()
    if row is None:
        return False
    bmc = Bmc.objects.filter(node=row.node_id).first()
    try:
        if bmc is not None:
            power_off_and_see(bmc)
        ipman().release(owner=row.owner)
    except Busy:
        raise  # the task is tried again soon
    except (BmcError, BearmanError) as error:
        _failed(row, error)
        return False
    _over(row)
    return True


def _over(row: Baremetal) -> None:
    with transaction.atomic():
        moved = baremetal_move(
            row=row,
            to=BaremetalState.RELEASED,
            message="It is off, its addresses are free, and its node can be used again.",
            profile=None,
            image=None,
            released_at=timezone.now(),
            deadline=timezone.now() + SWEEP,
        )
        if not moved:
            return
        boot_tokens_end(node_id=row.node_id)
        node_move(
            node_id=row.node_id,
            to=NodeStatus.READY,
            only_from=NodeStatus.IN_USE,
            reason=f"{row.hostname} was released.",
        )
        type(row.node).objects.filter(pk=row.node_id).update(reason="")


def _again(row: Baremetal, actor: str) -> Baremetal:
    """Look once more at a row that has just changed: the machine's own steps are no obstacle."""
    now = Baremetal.objects.get(pk=row.pk)
    if now.state in (row.state, BaremetalState.DEPLOYING, BaremetalState.INSTALLED):
        if not same_boot(now, row):
            return baremetal_release(row=now, actor=actor)
    elif now.state == BaremetalState.RELEASING:
        return now
    raise somebody_else(now)


def _failed(row: Baremetal, error: BmcError | BearmanError) -> None:
    words = getattr(error, "message", str(error))
    if row.attempt >= settings.DEPLOY_ATTEMPTS:
        reason = f"It could not be taken back. {words}"
        give_up(row=row, reason=reason, more_advice=error.advice, issue=NOT_TAKEN_BACK)
        return
    pause = timedelta(seconds=settings.RETRY_SECONDS * 2 ** (row.attempt - 1))
    unchanged(row).update(
        reason=words[:1000],
        advice=error.advice[:1000],
        issue=error.issue.code if error.issue else "",
        deadline=timezone.now() + pause,
    )
    event_add(row=row, kind=EventKind.WARNING, message=words, issue=error.issue)
