"""How one update of a machine's firmware goes, as the machine says it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from django.db import transaction

from bearman.lib import tokens
from bearman.lib.errors import NotFound
from bearman.lib.issues import Found, Issue, issue_or_none
from bearman.lib.issues import firmware as issues
from bearman.lib.text import clean
from nodes.firmware import ComponentKind, ReadWith, Standing, read_back
from nodes.firmware.readings import MAX_READING
from nodes.models import Finding, FindingSource, FirmwareUpdate, Node
from nodes.models.firmware import UPDATE_OPEN, FirmwareMode, UpdateState
from nodes.models.node import TEXT
from nodes.services.boot import BootCaller
from nodes.services.findings import findings_replace, worst_first
from nodes.services.firmware_settle import held, odd
from nodes.services.firmware_updates import (
    failure_after,
    subject_of,
    update_broken,
    update_done,
    update_fail,
    update_hold,
    update_plan,
    update_reboots,
    update_start,
)
from nodes.services.firmware_verdict import (
    FirmwareVerdict,
    firmware_node,
    firmware_verdict,
    firmware_wait,
)
from nodes.services.reports import MAX_LOG, report_count

NOT_IN_TIME = 124  # exit code of timeout(1)
NOT_FETCHED = 125  # as boot_scripts/firmware.sh has it
NOT_RUN = (126, 127)  # exit codes of a shell for a program that cannot be run, or is not there


class Outcome(StrEnum):
    """How far the machine is with an update."""

    READ = "read"
    STARTED = "started"
    APPLIED = "applied"
    REBOOTING = "rebooting"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class FirmwareReport:
    """What a machine says of an update; `exit_code` is the tool's, `reading` what was read."""

    outcome: Outcome
    reading: bytes = b""
    exit_code: int = 0
    log_tail: str = ""


@dataclass(frozen=True, slots=True)
class _Case:
    """An update, its node (held by the transaction) and what is said of it."""

    row: FirmwareUpdate
    node: Node
    caller: BootCaller
    report: FirmwareReport


@dataclass(frozen=True, slots=True)
class _Judged:
    """Whether the tool is to run, and what there is to find now; None leaves the findings."""

    apply: bool = False
    found: Found | None = None
    settled: bool = False


def firmware_report(
    *, caller: BootCaller, update_id: int, report: FirmwareReport
) -> tuple[bool, FirmwareVerdict]:
    """Keep how an update goes; return whether the tool is to run, and what follows.

    Repeating a call changes nothing. Raises NotFound for an update of another node, Conflict for a
    node that does not register, PoolExhausted after too many reports in one boot.
    """
    report_count(caller)
    report = replace(report, reading=report.reading[:MAX_READING], log_tail=_log(report.log_tail))
    with transaction.atomic():
        node = firmware_node(caller)
        case = _Case(_row(node, update_id), node, caller, report)
        judged = _OUTCOMES[report.outcome](case)
        found = _findings(case.row, judged)
        verdict = firmware_verdict(node=node, found=found, log_tail=report.log_tail)
        if verdict.passed and case.row.state in (UpdateState.STARTED, UpdateState.REBOOTING):
            firmware_wait(node=node, caller=caller, seconds=case.row.baseline.timeout_seconds)
    return judged.apply and verdict.passed, verdict


def _row(node: Node, update_id: int) -> FirmwareUpdate:
    rows = FirmwareUpdate.objects.filter(node=node).select_related("baseline")
    row = rows.filter(pk=update_id).first() if 0 < update_id < 2**63 else None
    if row is None:
        raise NotFound(
            f"Node {node.pk} has no firmware update {update_id}.", advice="Ask for the plan again."
        )
    return row


def _read(case: _Case) -> _Judged:
    """The tool has read the version first: say whether to apply the update."""
    row = case.row
    if row.state == UpdateState.FAILED:
        return _Judged()
    version, standing = _reading(case)
    broken = update_broken(row=row, version=version, standing=standing)
    if standing is Standing.GOOD:
        return _done(case, version)
    if broken:
        return _fail(case, *broken)
    if standing is not Standing.BEHIND:
        return _Judged(found=odd(row, subject_of(row), version, standing), settled=True)
    return _behind(case, version)


def _behind(case: _Case, version: str) -> _Judged:
    waits = held(case.row, case.node, subject_of(case.row), version)
    if waits:
        return _Judged(found=waits, settled=True)
    if case.row.state != UpdateState.STARTED:
        update_plan(row=case.row, from_version=version)
    return _Judged(apply=True, settled=True)


def _started(case: _Case) -> _Judged:
    """The tool is about to run; an operator may have stopped the baseline in the meantime."""
    row = case.row
    if row.state not in (UpdateState.PLANNED, UpdateState.STARTED):
        return _Judged()
    if row.baseline.revision != row.revision or row.baseline.mode == FirmwareMode.OFF:
        words = f"Baseline {row.baseline} was changed or switched off in the meantime."
        update_hold(row=row, from_version=row.from_version, reason=words)
        return _Judged()
    waits = held(row, case.node, subject_of(row), row.from_version)
    if waits:
        return _Judged(found=waits, settled=True)
    update_start(row=row, caller=case.caller)
    return _Judged(apply=True)


def _applied(case: _Case) -> _Judged:
    """The tool has ended well: what was read after it says whether that is true."""
    row = case.row
    if row.state not in UPDATE_OPEN:
        return _Judged()
    if row.state == UpdateState.PLANNED:
        update_start(row=row, caller=case.caller)  # that word was lost
    version, standing = _reading(case)
    if standing is Standing.GOOD:
        return _done(case, version)
    return _fail(case, *failure_after(row=row, version=version, standing=standing))


def _rebooting(case: _Case) -> _Judged:
    """The tool has ended well, and the next plan judges."""
    if case.row.state in UPDATE_OPEN:
        if case.row.state == UpdateState.PLANNED:
            update_start(row=case.row, caller=case.caller)
        update_reboots(row=case.row, caller=case.caller)
    return _Judged()


def _tool_failed(case: _Case) -> _Judged:
    """The tool has failed, or was ended."""
    row, code = case.row, case.report.exit_code
    if row.state not in UPDATE_OPEN:
        return _Judged()
    if row.state == UpdateState.PLANNED:
        update_start(row=row, caller=case.caller)
    tool, longest = row.baseline.tool, row.baseline.timeout_seconds
    if code == NOT_IN_TIME:
        return _fail(case, issues.TOOL_HUNG, f"{row.title}: {tool} did not end within {longest} s.")
    if code == NOT_FETCHED:
        words = f"{row.title}: the file of the update to {row.wanted_version} could not be fetched."
        return _fail(case, issues.NOT_FETCHED, words)
    ended = f"ended with code {code}" if code not in NOT_RUN else "could not be run"
    words = f"{row.title}: {tool} {ended} at the update to {row.wanted_version}."
    return _fail(case, issues.TOOL_FAILED, words)


_OUTCOMES: dict[Outcome, Callable[[_Case], _Judged]] = {
    Outcome.READ: _read,
    Outcome.STARTED: _started,
    Outcome.APPLIED: _applied,
    Outcome.REBOOTING: _rebooting,
    Outcome.FAILED: _tool_failed,
}


def _reading(case: _Case) -> tuple[str, Standing]:
    baseline = case.row.baseline
    found = read_back(
        read_with=ReadWith(baseline.read_with),
        reading=case.report.reading,
        target=case.row.target,
    )
    version = baseline.rule.text(found.version, found.released)[:TEXT]
    return version, baseline.rule.standing(version)


def _done(case: _Case, version: str) -> _Judged:
    update_done(row=case.row, version=version)
    if case.row.baseline.component == ComponentKind.BMC:
        Node.objects.filter(pk=case.node.pk).update(bmc_version=version)
    return _Judged(settled=True)


def _fail(case: _Case, issue: Issue, reason: str) -> _Judged:
    found = update_fail(
        row=case.row,
        issue=issue,
        reason=reason,
        boot=case.caller.request_id,
        log_tail=case.report.log_tail,
    )
    return _Judged(found=found, settled=True)


def _findings(row: FirmwareUpdate, judged: _Judged) -> list[Found]:
    """Return all findings on the node's firmware, with what is known of this component now."""
    subject, known = subject_of(row), []
    for kept in Finding.objects.filter(node_id=row.node_id, source=FindingSource.FIRMWARE):
        issue = issue_or_none(kept.issue)
        if issue and not (judged.settled and kept.subject == subject):
            known.append(Found(issue, kept.subject, kept.message, kept.advice))
    if judged.found:
        known.append(judged.found)
    if judged.settled:
        findings_replace(node_id=row.node_id, source=FindingSource.FIRMWARE, found=known)
    return worst_first(known)


def _log(text: str) -> str:
    return clean(tokens.redacted(text[-MAX_LOG:]), keep="\n\t")
