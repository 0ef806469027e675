"""Changes of a node's status, and the events that tell of everything else."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from bearman.lib.errors import Conflict
from bearman.lib.issues import Issue, registration
from nodes.models import EventKind, Node, NodeEvent
from nodes.services.notices import node_told
from nodes.states import NOT_AT_REST, NodeStatus, sources_of

SYSTEM = "system"
NODE = "node"


def event_add(
    *,
    node_id: int,
    kind: EventKind,
    message: str,
    actor: str = SYSTEM,
    step: str = "",
    issue: Issue | None = None,
    log_tail: str = "",
) -> NodeEvent:
    """Put one thing that happened on the node's time line; long messages are cut."""
    return NodeEvent.objects.create(
        node_id=node_id,
        kind=kind,
        actor=actor,
        step=step,
        issue=issue.code if issue else "",
        message=message[:1000],
        log_tail=log_tail,
    )


def node_move(
    *,
    node_id: int,
    to: NodeStatus,
    actor: str = SYSTEM,
    step: str = "",
    reason: str = "",
    advice: str = "",
    issue: Issue | None = None,
    log_tail: str = "",
    only_from: NodeStatus | None = None,
) -> NodeStatus:
    """Change a node's status if the table allows it, with its event, and return the one before.

    `issue` is what failed (else what the step says), and gives the advice where there is no other.
    `only_from` narrows the sources. Raises Conflict where the node is in another status by now.
    """
    if to is NodeStatus.REGISTER_FAILED:
        issue = issue or registration.for_step(step)
    allowed = {only_from} & sources_of(to) if only_from else sources_of(to)
    with transaction.atomic():
        node = Node.objects.select_for_update(no_key=True).only("status").get(pk=node_id)
        before = NodeStatus(node.status)
        if before not in allowed:
            raise Conflict(f"Node {node_id} is {before} and cannot become {to}.")
        code = issue.code if issue else ""
        words = advice or (issue.advice if issue else "")
        changes = {"status": to, "step": step, "issue": code}
        changes |= {"reason": reason[:1000], "advice": words[:1000]}
        Node.objects.filter(pk=node_id).update(**changes, deadline=deadline_for(to))
        NodeEvent.objects.create(
            node_id=node_id,
            kind=EventKind.STATUS,
            actor=actor,
            from_status=before,
            to_status=to,
            step=step,
            issue=code,
            message=(reason or f"{before} became {to}.")[:1000],
            log_tail=log_tail,
        )
        node_told(node_id=node_id, to=to, actor=actor)
    return before


def deadline_for(status: NodeStatus) -> datetime | None:
    """Return when a node that enters `status` now must have left it; None for one at rest."""
    if status not in NOT_AT_REST:
        return None
    return timezone.now() + timedelta(seconds=settings.REGISTER_DEADLINE_SECONDS)
