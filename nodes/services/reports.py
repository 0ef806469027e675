"""What a machine says of the steps it goes through."""

import re
from dataclasses import dataclass

from django.db.models import F
from django.utils import timezone

from bearman.lib.errors import Invalid, PoolExhausted
from bearman.lib.text import clean
from nodes import advice
from nodes.models import BootRequest, EventKind, Node
from nodes.services.boot import BootCaller
from nodes.services.status import NODE, deadline_for, event_add, node_move
from nodes.states import NodeStatus, may_move

STEP = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
MAX_MESSAGE = 1000  # characters kept
MAX_LOG = 16 * 1024  # characters kept, the last ones
MAX_REPORTS = 1000  # for one boot: a script that loops must not fill the disk


@dataclass(frozen=True, slots=True)
class Report:
    """How one step went, as the machine says it."""

    step: str
    failed: bool
    message: str
    log_tail: str
    address: str


def node_report(*, caller: BootCaller, report: Report) -> NodeStatus | None:
    """Put a report on the node's time line and return its status then.

    Progress moves the deadline; a failure makes it REGISTER_FAILED where it may become that. A
    machine that fails before it could register has no node: its words are kept with its boot
    request, which the Admin lists as seen, and None is returned. Raises Invalid, or PoolExhausted
    after too many reports in one boot.
    """
    if not STEP.fullmatch(report.step):
        raise Invalid("A step's name has 1 to 40 lower-case letters, digits, `_` or `-`.")
    _count(caller)
    message = clean(report.message)[:MAX_MESSAGE] or f"Step {report.step}."
    node = Node.objects.filter(pk=caller.node_id or 0).first()
    if node is None:
        BootRequest.objects.filter(pk=caller.request_id).update(step=report.step, message=message)
        return None
    status = NodeStatus(node.status)
    if report.failed:
        return _failed(node, status, report, message)
    _progress(node, status, report, message)
    return status


def _count(caller: BootCaller) -> None:
    mine = BootRequest.objects.filter(pk=caller.request_id, reports__lt=MAX_REPORTS)
    if not mine.update(reports=F("reports") + 1):
        raise PoolExhausted(f"This boot has sent {MAX_REPORTS} reports; no more are taken.")


def _progress(node: Node, status: NodeStatus, report: Report, message: str) -> None:
    changes = {"last_seen": timezone.now(), "address": report.address or node.address}
    if status is NodeStatus.REGISTERING:
        changes |= {"step": report.step, "deadline": deadline_for(status)}
    Node.objects.filter(pk=node.pk, status=status).update(**changes)
    event_add(
        node_id=node.pk,
        kind=EventKind.PROGRESS,
        actor=NODE,
        step=report.step,
        message=message,
        log_tail=_log(report),
    )


def _failed(node: Node, status: NodeStatus, report: Report, message: str) -> NodeStatus:
    Node.objects.filter(pk=node.pk).update(
        last_seen=timezone.now(), address=report.address or node.address
    )
    if may_move(status, NodeStatus.REGISTER_FAILED):
        node_move(
            node_id=node.pk,
            to=NodeStatus.REGISTER_FAILED,
            actor=NODE,
            step=report.step,
            reason=message,
            advice=advice.for_step(report.step),
            log_tail=_log(report),
        )
        return NodeStatus.REGISTER_FAILED
    if status is NodeStatus.REGISTER_FAILED and report.step != node.step:
        Node.objects.filter(pk=node.pk, status=status).update(
            step=report.step, reason=message, advice=advice.for_step(report.step)
        )
    event_add(
        node_id=node.pk,
        kind=EventKind.FAILURE,
        actor=NODE,
        step=report.step,
        message=message,
        log_tail=_log(report),
    )
    return status


def _log(report: Report) -> str:
    return clean(report.log_tail[-MAX_LOG:], keep="\n\t")
