"""What a machine says of the steps it goes through."""

import re
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import F
from django.utils import timezone

from bearman.lib import tokens
from bearman.lib.errors import Invalid, PoolExhausted
from bearman.lib.issues import Issue, issue_or_none, registration
from bearman.lib.text import clean
from nodes.models import Bmc, BootRequest, EventKind, Node
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
    """How one step went, as the machine says it.

    `issue` is a code of the catalogue, `advice` what the machine knows better than the catalogue;
    both may be empty, and the code may be one that no catalogue has. `light` says that the machine
    has switched its identify light on.
    """

    step: str
    failed: bool
    message: str
    log_tail: str
    address: str
    issue: str = ""
    advice: str = ""
    light: bool = False


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
        named = report_issue(report) if report.failed else None
        kept = f"{named.code}: {words}"[:MAX_MESSAGE] if named else words
        BootRequest.objects.filter(pk=caller.request_id).update(step=report.step, message=kept)
        return None
    status = NodeStatus(node.status)
    issue = report_issue(report) or registration.for_step(report.step) if report.failed else None
    _heard(node, status, report, issue)
    if report.failed and status in FAILS:
        node_move(
            node_id=node.pk,
            to=NodeStatus.REGISTER_FAILED,
            only_from=status,
            actor=NODE,
            step=report.step,
            reason=words,
            advice=report_advice(report),
            issue=issue,
            log_tail=_log(report),
        )
        return NodeStatus.REGISTER_FAILED
    event_add(
        node_id=node.pk,
        kind=EventKind.FAILURE if report.failed else EventKind.PROGRESS,
        actor=NODE,
        step=report.step,
        issue=issue,
        message=words,
        log_tail=_log(report),
    )
    return status


def report_issue(report: Report) -> Issue | None:
    """Return the entry that the machine named; None where it named none or an unknown one."""
    return issue_or_none(report.issue.strip()[:12])


def report_advice(report: Report) -> str:
    """Return the machine's own advice as one bounded line without secrets; may be empty."""
    return clean(tokens.redacted(report.advice[:MAX_MESSAGE]))


def report_count(caller: BootCaller) -> None:
    """Count a report of a boot; raises PoolExhausted after MAX_REPORTS."""
    mine = BootRequest.objects.filter(pk=caller.request_id, reports__lt=MAX_REPORTS)
    if not mine.update(reports=F("reports") + 1):
        raise PoolExhausted(f"This boot has sent {MAX_REPORTS} reports; no more are taken.")


def _heard(node: Node, status: NodeStatus, report: Report, issue: Issue | None) -> None:
    """Note when and from where the machine spoke, and what step it is in or failed in now."""
    changes: dict[str, Any] = {
        "last_seen": timezone.now(),
        "address": report.address or node.address,
    }
    if status is NodeStatus.REGISTERING:
        changes |= {"step": report.step, "deadline": deadline_for(status)}
    elif status is NodeStatus.REGISTER_FAILED and issue and not _is_known(node, report):
        changes |= {
            "step": report.step,
            "reason": report.message,
            "advice": report_advice(report) or issue.advice,
            "issue": issue.code,
        }
    Node.objects.filter(pk=node.pk, status=status).update(**changes)
    if report.light:
        Bmc.objects.filter(node=node).update(identify_on=True)


def _is_known(node: Node, report: Report) -> bool:
    """Say whether the node tells of this failure already, maybe in Bearman's own words."""
    within_register = report.step == "register" and node.step in (
        "address",
        "inventory",
        "expected",
    )
    return report.step == node.step or within_register


def _log(report: Report) -> str:
    return clean(tokens.redacted(report.log_tail[-MAX_LOG:]), keep="\n\t")
