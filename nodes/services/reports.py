"""What a machine says of the steps it goes through."""

import re
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import F
from django.utils import timezone

from bearman.lib import tokens
from bearman.lib.errors import Invalid, PoolExhausted
from bearman.lib.text import clean
from nodes import advice
from nodes.models import BootRequest, EventKind, Node
from nodes.services.boot import BootCaller
from nodes.services.status import NODE, deadline_for, event_add, node_move
from nodes.states import NodeStatus

STEP = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
# What a machine's own failure may end; what an operator decided stays.
FAILS = frozenset({NodeStatus.REGISTERING, NodeStatus.READY})
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
    report_count(caller)
    words = clean(tokens.redacted(report.message[:MAX_MESSAGE])) or f"Step {report.step}."
    report = replace(report, message=words)
    node = Node.objects.filter(pk=caller.node_id or 0).first()
    if node is None:
        BootRequest.objects.filter(pk=caller.request_id).update(step=report.step, message=words)
        return None
    status = NodeStatus(node.status)
    _heard(node, status, report)
    if report.failed and status in FAILS:
        node_move(
            node_id=node.pk,
            to=NodeStatus.REGISTER_FAILED,
            only_from=status,
            actor=NODE,
            step=report.step,
            reason=words,
            advice=advice.for_step(report.step),
            log_tail=_log(report),
        )
        return NodeStatus.REGISTER_FAILED
    event_add(
        node_id=node.pk,
        kind=EventKind.FAILURE if report.failed else EventKind.PROGRESS,
        actor=NODE,
        step=report.step,
        message=words,
        log_tail=_log(report),
    )
    return status


def report_count(caller: BootCaller) -> None:
    """Count a report of a boot; raises PoolExhausted after MAX_REPORTS."""
    mine = BootRequest.objects.filter(pk=caller.request_id, reports__lt=MAX_REPORTS)
    if not mine.update(reports=F("reports") + 1):
        raise PoolExhausted(f"This boot has sent {MAX_REPORTS} reports; no more are taken.")


def _heard(node: Node, status: NodeStatus, report: Report) -> None:
    """Note when and from where the machine spoke, and what step it is in or failed in now."""
    changes: dict[str, Any] = {
        "last_seen": timezone.now(),
        "address": report.address or node.address,
    }
    if status is NodeStatus.REGISTERING:
        changes |= {"step": report.step, "deadline": deadline_for(status)}
    elif status is NodeStatus.REGISTER_FAILED and report.failed and report.step != node.step:
        changes |= {
            "step": report.step,
            "reason": report.message,
            "advice": advice.for_step(report.step),
        }
    Node.objects.filter(pk=node.pk, status=status).update(**changes)


def _log(report: Report) -> str:
    return clean(tokens.redacted(report.log_tail[-MAX_LOG:]), keep="\n\t")
