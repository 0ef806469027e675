"""Whether a registration goes on after what was found of a machine's firmware."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone

from bearman.lib.errors import Conflict
from bearman.lib.issues import Found, Issue
from nodes.models import BootRequest, Node
from nodes.services.boot import BootCaller
from nodes.services.findings import in_words, stopping
from nodes.services.status import NODE, deadline_for, node_move
from nodes.states import NodeStatus

STEP = "firmware"
_REGISTERS = (NodeStatus.REGISTERING, NodeStatus.REGISTER_FAILED)


@dataclass(frozen=True, slots=True)
class FirmwareVerdict:
    """Whether the registration goes on; if not, why, and which issue ended it."""

    passed: bool
    status: NodeStatus
    reason: str = ""
    advice: str = ""
    issue: Issue | None = None


def firmware_node(caller: BootCaller) -> Node:
    """Return the caller's node, held until the transaction ends; raises Conflict."""
    rows = Node.objects.select_for_update(of=("self",), no_key=True).select_related("flavor")
    node = rows.defer("searched").filter(pk=caller.node_id or 0).first()
    if node is None:
        raise Conflict("This machine has not registered.", advice="Call Register first.")
    if node.status not in _REGISTERS:
        raise Conflict(
            f"Node {node.pk} is {node.status}: its firmware is looked at while it registers.",
            advice="Boot it to register again, or take it out of that status in the Admin first.",
        )
    return node


def firmware_verdict(*, node: Node, found: Sequence[Found], log_tail: str = "") -> FirmwareVerdict:
    """End the node's registration if a finding is as bad as its flavor says, else let it go on.

    `node` is held by this transaction. One that had failed goes on, or fails for the new reason.
    """
    stops = stopping(node=node, found=found)
    if not stops:
        _go_on(node)
        return FirmwareVerdict(True, NodeStatus.REGISTERING)
    worst, reason = stops[0], in_words(stops)
    failed = NodeStatus.REGISTER_FAILED
    told = (node.status, node.step, node.issue, node.reason)
    if told != (failed, STEP, worst.issue.code, reason):
        _go_on(node)
        node_move(
            node_id=node.pk,
            to=failed,
            only_from=NodeStatus.REGISTERING,
            actor=NODE,
            step=STEP,
            reason=reason,
            advice=worst.what_to_do,
            issue=worst.issue,
            log_tail=log_tail,
        )
    return FirmwareVerdict(False, failed, reason, worst.what_to_do, worst.issue)


def firmware_wait(*, node: Node, caller: BootCaller, seconds: int) -> None:
    """Give the node `seconds` more than usual: a tool runs, or firmware is written at restart.

    Its boot token is good until then.
    """
    usual = deadline_for(NodeStatus.REGISTERING)
    assert usual is not None
    until = usual + timedelta(seconds=seconds)
    rows = Node.objects.filter(pk=node.pk, status=NodeStatus.REGISTERING)
    rows.update(deadline=until, last_seen=timezone.now())
    BootRequest.objects.filter(pk=caller.request_id).update(
        expires_at=Greatest(F("expires_at"), until)
    )


def _go_on(node: Node) -> None:
    if node.status == NodeStatus.REGISTER_FAILED:
        node_move(
            node_id=node.pk,
            to=NodeStatus.REGISTERING,
            only_from=NodeStatus.REGISTER_FAILED,
            actor=NODE,
            step=STEP,
        )
    Node.objects.filter(pk=node.pk, status=NodeStatus.REGISTERING).update(
        step=STEP, last_seen=timezone.now(), deadline=deadline_for(NodeStatus.REGISTERING)
    )
