"""The end of a deployment that cannot be prepared."""

from contextlib import suppress
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from baremetal.models import Baremetal, EventKind
from baremetal.services.retry import give_up
from baremetal.services.status import baremetal_move
from baremetal.states import BaremetalState
from bearman.lib.errors import BearmanError, Conflict
from ipman.client import ipman
from nodes.models import Node
from nodes.services.status import node_move
from nodes.states import NodeStatus

# A process that allocates an address while the row is released, and is killed before it gives it
# back, leaves one behind: IPman is told once more after this time that the owner is gone.
SWEEP = timedelta(minutes=10)


def refused_end(*, row: Baremetal, error: BearmanError) -> None:
    """End a deployment that cannot be prepared.

    One whose machine was never touched becomes history, and its node is free again. A machine that
    is redeployed may still run with its addresses: it keeps them, in UNRECOVERABLE_ERROR.
    """
    if row.service_address is not None:
        give_up(
            row=row,
            reason=f"It cannot be deployed: {error.message}",
            more_advice=error.advice,
            issue=error.issue,
        )
        return
    with transaction.atomic():
        ended = baremetal_move(
            row=row,
            to=BaremetalState.RELEASED,
            message=f"Refused: {error}",
            kind=EventKind.FAILURE,
            issue=error.issue,
            profile=None,
            image=None,
            request_id=None,
            deadline=timezone.now(),  # its addresses are yet to be given back
        )
        if ended:
            _free_node(row)
    if ended:
        addresses_return(row=row)


def addresses_return(*, row: Baremetal) -> None:
    """Give back to IPman whatever a released row has; may be done any number of times."""
    ipman().release(owner=row.owner)
    released = Baremetal.objects.filter(pk=row.pk, state=BaremetalState.RELEASED)
    released.update(deadline=None)


def released_sweep() -> None:
    """Go on with the released rows whose addresses may not have been given back."""
    state, now = BaremetalState.RELEASED, timezone.now()
    for row in Baremetal.objects.filter(state=state, deadline__lt=now).only("key")[:100]:
        addresses_return(row=row)


def _free_node(row: Baremetal) -> None:
    with suppress(Conflict):
        node_move(
            node_id=row.node_id,
            to=NodeStatus.READY,
            only_from=NodeStatus.IN_USE,
            reason="Its deployment was refused before it was switched on.",
        )
    Node.objects.filter(pk=row.node_id, status=NodeStatus.READY).update(reason="")
