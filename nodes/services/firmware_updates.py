"""Changes of one update of a node, each with what the time line says of it."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from bearman.lib.issues import Found, Issue, issue_or_none
from bearman.lib.issues import firmware as issues
from nodes.firmware import Component, Standing
from nodes.models import EventKind, FirmwareBaseline, FirmwareUpdate, Node
from nodes.models.firmware import UpdateState
from nodes.models.node import TEXT
from nodes.services.boot import BootCaller
from nodes.services.firmware_canary import canary_fail, canary_settle
from nodes.services.firmware_verdict import STEP
from nodes.services.status import NODE, event_add

# A failure is the answer for this long also to the boot in which it came: an answer that was lost
# is asked for again. After that a person has asked, with `register.sh --from firmware`.
SAME_ANSWER = timedelta(seconds=60)
GIVEN_UP = (
    "It was tried {} times. Mend what is wrong, press Try firmware again on the node's page, and "
    "boot the machine."
)


def update_of(*, node: Node, baseline: FirmwareBaseline, component: Component) -> FirmwareUpdate:
    """Return the row of this update, not saved if new; one of an earlier revision begins anew."""
    rows = FirmwareUpdate.objects.filter(node=node, baseline=baseline, target=component.target)
    row = rows.first() or FirmwareUpdate(
        node=node, baseline=baseline, target=component.target, state=UpdateState.HELD, revision=0
    )
    if row.revision != baseline.revision:
        row.revision, row.state, row.attempts = baseline.revision, UpdateState.HELD, 0
        row.issue = row.reason = row.log_tail = ""
        row.started_at = row.ended_at = row.boot = None
    row.baseline = baseline
    row.title, row.wanted_version = component.title[:TEXT], baseline.wanted
    return row


def update_plan(*, row: FirmwareUpdate, from_version: str) -> None:
    """Have it done next; what was cut off is said."""
    if row.state == UpdateState.STARTED:
        _tell(row, f"{row.title}: the update was cut off; it is done again.", EventKind.WARNING)
    elif row.state == UpdateState.DONE:
        row.attempts = 0  # somebody went back
    if row.state != UpdateState.REBOOTING:  # which only its tool can judge
        row.state = UpdateState.PLANNED
    if row.state == UpdateState.PLANNED:
        row.from_version = from_version[:TEXT]
        row.planned_at, row.ended_at = timezone.now(), None
        row.issue = row.reason = ""
    row.save()


def update_start(*, row: FirmwareUpdate, caller: BootCaller) -> None:
    """Note that the tool is about to run; the same call again is no further attempt."""
    if row.state == UpdateState.STARTED:
        return
    row.state, row.attempts = UpdateState.STARTED, row.attempts + 1
    row.boot, row.started_at, row.ended_at = caller.request_id, timezone.now(), None
    row.save()
    again = f" (attempt {row.attempts} of {settings.FIRMWARE_ATTEMPTS})" if row.attempts > 1 else ""
    _tell(row, f"{row} with {row.baseline.tool} begins{again}.")


def update_reboots(*, row: FirmwareUpdate, caller: BootCaller) -> None:
    """Note that the machine restarts now to have the update in effect."""
    if row.state in (UpdateState.REBOOTING, UpdateState.DONE, UpdateState.FAILED):
        return
    row.state, row.boot = UpdateState.REBOOTING, caller.request_id
    row.save()
    _tell(row, f"{row.title}: {row.baseline.tool} has ended well; the machine restarts.")


def update_done(*, row: FirmwareUpdate, version: str) -> None:
    """Note that the component has the wanted version, as was read back."""
    began = row.attempts > 0 and row.state != UpdateState.DONE
    row.state, row.ended_at = UpdateState.DONE, timezone.now()
    row.issue = row.reason = ""
    row.save()
    if began:
        _tell(row, f"{row.title} is {version} now; it was {row.from_version or 'unknown'}.")
    canary_settle(baseline=row.baseline, node_id=row.node_id)


def update_hold(*, row: FirmwareUpdate, from_version: str, reason: str) -> None:
    """Note that it is not done now, and why."""
    row.state, row.from_version, row.reason = UpdateState.HELD, from_version[:TEXT], reason[:1000]
    row.save()


def update_fail(
    *, row: FirmwareUpdate, issue: Issue, reason: str, boot: int, log_tail: str = ""
) -> Found:
    """Note that it has failed, which fails a canary, and return that as a finding."""
    row.state, row.issue, row.reason = UpdateState.FAILED, issue.code, reason[:1000]
    row.boot, row.ended_at = boot, timezone.now()
    row.log_tail = log_tail or row.log_tail
    row.save()
    canary_fail(baseline=row.baseline, node_id=row.node_id)
    return update_failure(row)


def update_failure(row: FirmwareUpdate) -> Found:
    """Return the failure of an update as a finding."""
    issue = issue_or_none(row.issue) or issues.TOOL_FAILED
    given_up = row.attempts >= settings.FIRMWARE_ATTEMPTS
    advice = GIVEN_UP.format(row.attempts) if given_up else ""
    return Found(issue, subject_of(row), row.reason, advice)


def update_may_retry(row: FirmwareUpdate, boot: int) -> bool:
    """Say whether a failed update is tried again now: in another boot, or since a person asks."""
    if row.attempts >= settings.FIRMWARE_ATTEMPTS or row.ended_at is None:
        return False
    return row.boot != boot or timezone.now() - row.ended_at > SAME_ANSWER


def cut_off(row: FirmwareUpdate) -> bool:
    """Say whether it was begun as often as it may be, and ended neither well nor badly."""
    return row.state == UpdateState.STARTED and row.attempts >= settings.FIRMWARE_ATTEMPTS


def update_broken(
    *, row: FirmwareUpdate, version: str, standing: Standing
) -> tuple[Issue, str] | None:
    """Return what went wrong with an update that was under way, judged by a fresh version."""
    if row.state == UpdateState.REBOOTING:
        return failure_after(row=row, version=version, standing=standing)
    if row.state == UpdateState.STARTED and standing is Standing.UNREADABLE:
        words = f"{row.title}: the update was cut off, and its version cannot be read now."
        return issues.NOT_READ_BACK, words
    if cut_off(row) and standing is Standing.BEHIND:
        words = f"{row.title}: the update to {row.wanted_version} was begun {row.attempts} times"
        return issues.CUT_OFF, f"{words} and never ended."
    return None


def failure_after(*, row: FirmwareUpdate, version: str, standing: Standing) -> tuple[Issue, str]:
    """Return what went wrong with an update after which the version is not the wanted one."""
    said = f"{row.title}: {row.baseline.tool} said that {row.wanted_version} is in place"
    if standing is Standing.UNREADABLE:
        seen = f"is {version!r}" if version else "cannot be read"
        return issues.NOT_READ_BACK, f"{said}, but the version {seen} now."
    order = row.baseline.rule.form.compare(version, row.from_version)
    same = order == 0 or version == row.from_version
    if same or (not row.from_version and standing is Standing.BEHIND):
        return issues.NOT_APPLIED, f"{said}, but the version is {version} as before."
    if order == -1:
        words = f"{said}, but the version is {version} now, older than {row.from_version} before."
        return issues.WENT_BACK, words
    return issues.OTHER_VERSION, f"{said}, but the version is {version} now."


def subject_of(row: FirmwareUpdate) -> str:
    """Return the component's place in a few words, as `Component.subject`."""
    kind = {"bios": "BIOS", "bmc": "BMC", "nic": "NIC"}.get(row.baseline.component, "disk")
    return f"{kind} {row.target}".strip()


def _tell(row: FirmwareUpdate, words: str, kind: Any = EventKind.PROGRESS) -> None:
    event_add(node_id=row.node_id, kind=kind, actor=NODE, step=STEP, message=words)
