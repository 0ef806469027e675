"""What the scripts of a machine say of the steps they go through."""

from datetime import timedelta

from django.utils import timezone

from baremetal.models import Baremetal, EventKind
from baremetal.selectors import live_of_node
from baremetal.services.retry import give_up, may_try_again, try_again
from baremetal.services.status import NODE, baremetal_move, event_add, step_seconds, unchanged
from baremetal.states import BaremetalState, Step
from bearman.lib import tokens
from bearman.lib.errors import Conflict, Invalid
from bearman.lib.issues import deployment
from bearman.lib.text import clean
from nodes.services.boot import BootCaller, Purpose, require_same_source
from nodes.services.reports import (
    MAX_LOG,
    MAX_MESSAGE,
    STEP,
    Report,
    node_report,
    report_advice,
    report_count,
    report_issue,
)

# Progress moves a deadline, but a step never lasts longer than this many times its limit.
MOST_TIMES = 3
STAGE_ONE_STEPS = (Step.STAGE_ONE, Step.KEXEC, Step.STAGE_TWO)
SYSTEM_STEPS = (Step.KEXEC, Step.STAGE_TWO, Step.CONFIGURE)


def machine_report(
    *, caller: BootCaller, report: Report, source: str, cold: bool = False, nonce: str = ""
) -> str:
    """Put a report on the time line of the node or of its deployment; returns the state in words.

    A failure ends a deployment that is under way in UNRECOVERABLE_ERROR; `cold` asks for a cold
    boot of the same system. What says the nonce of another boot is not heard: the deadline then
    boots the right one. Raises Invalid, Conflict, or PoolExhausted after too many reports.
    """
    if caller.purpose == Purpose.REGISTER:
        if cold:
            raise Invalid("A machine that registers has nothing to boot cold.")
        return str(node_report(caller=caller, report=report) or "")
    if not STEP.fullmatch(report.step):
        raise Invalid("A step's name has 1 to 40 lower-case letters, digits, `_` or `-`.")
    report_count(caller)
    row = live_of_node(caller.node_id)
    if row is None:
        raise Conflict("Nothing is deployed on this machine any more.")
    if caller.purpose == Purpose.SYSTEM:
        require_same_source(caller, source, [a["address"] for a in row.addresses])
        if nonce and nonce != row.nonce:
            raise Conflict(f"{row.hostname} booted something else than it was told.")
    words = clean(tokens.redacted(report.message[:MAX_MESSAGE])) or f"Step {report.step}."
    if report.failed:
        _failed(row, caller, report, words)
    elif cold:
        _cold(row, caller, report, words)
    else:
        _progress(row, caller, report, words)
    return str(row.state)


def _failed(row: Baremetal, caller: BootCaller, report: Report, words: str) -> None:
    """End the deployment; a machine in use that failed after a restart stays in use, and is marked.

    It may be of a boot that is over, and then says nothing of this one.
    """
    log = clean(tokens.redacted(report.log_tail[-MAX_LOG:]), keep="\n\t")
    issue = report_issue(report) or deployment.for_step(report.step)
    advice = report_advice(report) or issue.advice
    if _is_of_this_boot(row, caller):
        give_up(row=row, reason=words, log_tail=log, actor=NODE, more_advice=advice, issue=issue)
        return
    if row.state == BaremetalState.INSTALLED and caller.purpose == Purpose.SYSTEM:
        unchanged(row).update(reason=words[:1000], advice=advice, issue=issue.code, log_tail=log)
    kind = EventKind.FAILURE
    event_add(row=row, kind=kind, message=words, actor=NODE, issue=issue, log_tail=log)


def _cold(row: Baremetal, caller: BootCaller, report: Report, words: str) -> None:
    issue = report_issue(report) or deployment.KEXEC_FAILED
    if row.step not in (Step.KEXEC, Step.STAGE_TWO) or not _is_of_this_boot(row, caller):
        event_add(row=row, kind=EventKind.WARNING, message=words, actor=NODE, issue=issue)
    elif may_try_again(row):
        try_again(row=row, reason=f"{words.rstrip('.')}.", cold=True, actor=NODE, issue=issue)
    else:
        give_up(row=row, reason=words, actor=NODE, issue=issue)


def _progress(row: Baremetal, caller: BootCaller, report: Report, words: str) -> None:
    if not _is_of_this_boot(row, caller):
        event_add(row=row, kind=EventKind.PROGRESS, message=words, actor=NODE)
        return
    if caller.purpose == Purpose.DEPLOY and row.step == Step.KEXEC and report.step == Step.KEXEC:
        state = BaremetalState.DEPLOYING
        baremetal_move(row=row, to=state, step=Step.STAGE_TWO, message=words, actor=NODE)
        return
    limit = step_seconds(Step(row.step))
    wanted = timezone.now() + timedelta(seconds=limit)
    most = row.step_since + timedelta(seconds=MOST_TIMES * limit)
    unchanged(row).update(deadline=min(wanted, most))
    event_add(row=row, kind=EventKind.PROGRESS, message=words, actor=NODE)


def _is_of_this_boot(row: Baremetal, caller: BootCaller) -> bool:
    """Say whether what is waited for is a step of what this token was given to.

    Tokens of earlier attempts have ended; stage one and the system after it may both be alive.
    """
    if caller.purpose == Purpose.DEPLOY:
        return row.step in STAGE_ONE_STEPS and not row.cold_boot
    return row.state == BaremetalState.DEPLOYING and row.step in SYSTEM_STEPS
