"""What ends the waiting: deployments past their deadline are tried again, or given up."""

from datetime import timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from baremetal.models import Baremetal, EventKind
from baremetal.services.prepare import deployment_prepare
from baremetal.services.refuse import refused_end, released_sweep
from baremetal.services.release import power_off_defer
from baremetal.services.retry import give_up, may_try_again, since, try_again
from baremetal.services.spec import is_installer
from baremetal.services.status import baremetal_move
from baremetal.states import NOT_AT_REST, BaremetalState, Step
from bearman.lib.errors import BearmanError, Conflict, Invalid
from bearman.lib.issues import Issue, boot, deployment, issue_or_none

log = structlog.get_logger(__name__)
BATCH = 500  # rows one run looks at; the next run goes on

# Steps in which kexec, or stage one before it, did not lead to the system: a cold boot may.
PAST_POWER_ON = (Step.STAGE_ONE, Step.KEXEC, Step.STAGE_TWO, Step.CONFIGURE)


def overdue_reconcile() -> int:
    """Look at every deployment past its deadline, and return how many there were."""
    overdue = Baremetal.objects.filter(
        state__in=[state.value for state in NOT_AT_REST], deadline__lt=timezone.now()
    )
    rows = list(overdue.select_related("profile", "image").order_by("deadline")[:BATCH])
    for row in rows:
        try:
            overdue_end(row=row)
        except Conflict:
            continue  # it went on to something else in this very moment
        except Exception:
            # Whatever it is, it must not keep the other rows waiting.
            log.exception("not reconciled", baremetal=row.pk)
            later = timezone.now() + timedelta(seconds=settings.RETRY_SECONDS)
            Baremetal.objects.filter(pk=row.pk, deadline=row.deadline).update(deadline=later)
    released_sweep()
    return len(rows)


def overdue_end(*, row: Baremetal) -> None:
    """Try one late deployment again, or give it up with what happened and what to do."""
    if row.state == BaremetalState.RELEASING:
        _release_again(row)
    elif row.step == Step.PREPARE:
        _prepare_again(row)
    elif may_try_again(row):
        cold = True if row.step in PAST_POWER_ON and not is_installer(row) else None
        try_again(row=row, reason=_what_happened(row), cold=cold, issue=_issue_of(row))
    else:
        own = row.advice if row.step == Step.POWER_ON else ""  # the BMC's, which knows better
        give_up(row=row, reason=_what_happened(row), more_advice=own, issue=_issue_of(row))


def _what_happened(row: Baremetal) -> str:
    if row.step == Step.POWER_ON and row.powered_at is None:
        return row.reason or "The worker did not switch it on in time."
    if row.step == Step.POWER_ON:
        return "It was switched on, and did not ask what to boot: it did not boot from the network."
    return f"No word since {since(row.step_since)}, in step {row.step}."


# What a deadline that has passed means, by the step.
_LATE: dict[str, Issue] = {
    Step.STAGE_ONE: boot.STAGE_ONE_SILENT,
    Step.KEXEC: deployment.KEXEC_SILENT,
    Step.STAGE_TWO: deployment.STAGE_TWO_SILENT,
    Step.CONFIGURE: deployment.INSTALL_SILENT,
}


def _issue_of(row: Baremetal) -> Issue:
    """Return what the row itself names, such as the BMC's failure, or what the deadline means."""
    own = issue_or_none(row.issue)
    if own is not None:
        return own
    if row.step == Step.POWER_ON and row.powered_at is not None:
        return boot.NOT_FROM_NETWORK
    return _LATE.get(row.step, deployment.NO_WORKER)


def _prepare_again(row: Baremetal) -> None:
    """Go on with a deployment whose process died, or whose IPman was away."""
    if not may_try_again(row):
        words = row.reason or "It could not be prepared."
        issue = issue_or_none(row.issue) or deployment.NOT_PREPARED
        refused_end(row=row, error=BearmanError(words, issue=issue))
        return
    moved = baremetal_move(
        row=row,
        to=BaremetalState.DEPLOY_START,
        step=Step.PREPARE,
        kind=EventKind.WARNING,
        message="Its preparation was cut short, and begins again.",
        attempt=row.attempt + 1,
    )
    if not moved:
        return
    try:
        deployment_prepare(row=row)
    except Invalid as error:
        refused_end(row=row, error=error)
    except BearmanError as error:
        code = error.issue.code if error.issue else ""
        waiting = Baremetal.objects.filter(pk=row.pk, step=Step.PREPARE)
        waiting.update(reason=str(error)[:1000], issue=code)


def _release_again(row: Baremetal) -> None:
    if not may_try_again(row):
        reason = f"It could not be taken back. {row.reason}".strip()
        give_up(row=row, reason=reason, more_advice=row.advice, issue=deployment.NOT_TAKEN_BACK)
        return
    with transaction.atomic():
        moved = baremetal_move(
            row=row,
            to=BaremetalState.RELEASING,
            step=Step.POWER_OFF,
            kind=EventKind.WARNING,
            issue=_issue_of(row),
            message=f"{row.reason or 'The worker did not switch it off in time.'} Tried again.",
            attempt=row.attempt + 1,
        )
        if moved:
            power_off_defer(row=row)
