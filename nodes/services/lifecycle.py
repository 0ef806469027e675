"""What operators decide about a machine."""

from django.db import IntegrityError, transaction

from bearman.lib.errors import Conflict
from bearman.lib.issues import registration
from ipman.client import ipman
from nodes.models import Bmc, BootRequest, EventKind, Node
from nodes.services.addresses import owner_of
from nodes.services.status import event_add, node_move
from nodes.states import DECISIONS, Decision, NodeStatus


def node_maintain(*, node: Node, actor: str, note: str = "") -> None:
    """Take a node out: it is given nothing to boot until it is put back. Raises Conflict."""
    try:
        node_move(
            node_id=node.pk,
            to=NodeStatus.MAINTENANCE,
            actor=actor,
            reason=note or f"Taken out by {actor}.",
            advice="Put it back in the Admin when it is done.",
        )
    except IntegrityError as error:
        raise Conflict(
            f"Another node owns the UUID {node.uuid} by now.", advice="Retire that one first."
        ) from error


def node_return(*, node: Node, actor: str) -> NodeStatus:
    """Put a node back from maintenance: READY if it was proven, else it must register again."""
    if node.proven_at is not None:
        node_move(
            node_id=node.pk,
            to=NodeStatus.READY,
            only_from=NodeStatus.MAINTENANCE,
            actor=actor,
        )
        return NodeStatus.READY
    node_move(
        node_id=node.pk,
        to=NodeStatus.REGISTER_FAILED,
        only_from=NodeStatus.MAINTENANCE,
        actor=actor,
        reason="Put back from maintenance; it has not been proven.",
        issue=registration.NOT_PROVEN,
    )
    return NodeStatus.REGISTER_FAILED


def node_retire(*, node: Node, actor: str, note: str = "") -> None:
    """Retire a node: its BMC's address goes back to IPman, its credential is destroyed.

    The row stays for its history. Raises Conflict for a node in use, Unavailable where a remote
    IPman does not answer (then nothing has changed but the status; retiring again goes on).
    """
    if Node.objects.filter(pk=node.pk).exclude(status=NodeStatus.RETIRED).exists():
        before = node_move(
            node_id=node.pk,
            to=NodeStatus.RETIRED,
            actor=actor,
            reason=note or f"Retired by {actor}.",
        )
        if before is NodeStatus.QUARANTINED:  # as the identity desk does
            Node.objects.filter(pk=node.pk).update(decision=Decision.REJECTED)
    ipman().release(owner=owner_of(node))
    with transaction.atomic():
        BootRequest.objects.filter(node=node).delete()
        bmc = Bmc.objects.filter(node=node).first()
        if bmc is not None:
            event_add(
                node_id=node.pk,
                kind=EventKind.ADDRESS,
                actor=actor,
                message=f"Its BMC's address {bmc.address} went back to IPman.",
            )
            bmc.delete()
        Node.objects.filter(pk=node.pk).update(proven_at=None, power_off_due=None)


def node_restore(*, node: Node, actor: str) -> None:
    """Take a retirement back, into maintenance.

    Raises Conflict if its UUID is another's by now, or if the identity desk retired it.
    """
    if node.decision in (Decision.MERGED, Decision.REJECTED):
        raise Conflict(
            f"Node {node.pk} ({node}) {DECISIONS[Decision(node.decision)]} at the identity desk.",
            advice="Take that decision back; then decide anew.",
        )
    node_maintain(node=node, actor=actor, note=f"Retirement taken back by {actor}.")
