"""Carries out what was asked of a machine's power: once or not at all, and always told."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from bearman.lib.errors import BearmanError, Busy, Conflict
from bearman.lib.issues import Issue
from bearman.lib.issues import bmc as issues
from nodes.bmc import BmcError, BmcTimeout
from nodes.models import Bmc, EventKind, PowerRequest
from nodes.power import NOT_REPEATABLE, UNDER_WAY, WORDS, PowerAction, PowerResult
from nodes.services.power import GOOD_FOR, needs_confirmation
from nodes.services.power_actions import power_act
from nodes.services.status import event_add

PAUSES = (4, 10)  # seconds before the second and the third try against a silent BMC
BUSY_PAUSE = 2  # seconds
# A process that died keeps its BMC for about a minute: see nodes.services.bmc.bmc_lease.
BUSY_FOR = timedelta(minutes=3)

READ_POWER = "Read the power status, and ask again if it is still needed."


def power_run(*, power_request_id: int) -> int | None:
    """Carry out one request; returns the seconds after which to call again, None once it is over.

    Calling twice does no harm: what ended stays as it is. A request that a killed worker left in
    the middle is done again if that is the same as doing it once, and else ends as failed.
    """
    row, interrupted = _claim(power_request_id)
    if row is None:
        return None
    try:
        message = _carry_out(row, interrupted=interrupted)
    except Busy as error:
        return _wait_while_busy(row, error, interrupted=interrupted)
    except BmcTimeout as error:
        return _wait_while_silent(row, error)
    except BmcError as error:
        _fail(row, str(error), error.advice, error.issue)
    except BearmanError as error:
        _fail(row, error.message, error.advice, error.issue)
    except Exception:
        _fail(row, "Bearman failed at this; its log says why.", READ_POWER)
        raise
    else:
        _end(row, PowerResult.DONE, message)
    return None


def _claim(power_request_id: int) -> tuple[PowerRequest | None, bool]:
    """Make the row ours; true with it where it was under way already, in a worker that died."""
    row = PowerRequest.objects.filter(pk=power_request_id)
    claimed = row.filter(result=PowerResult.WAITING).update(
        result=PowerResult.RUNNING,
        begun_at=Coalesce("begun_at", timezone.now()),
        attempts=F("attempts") + 1,
    )
    under_way = row.filter(result=PowerResult.RUNNING).select_related("node__bmc")
    return under_way.defer("node__searched").first(), not claimed


def _carry_out(row: PowerRequest, *, interrupted: bool) -> str:
    """Return what came of it; raises what `power_act` raises, or Conflict where it may not be."""
    action = PowerAction(row.action)
    bmc: Bmc | None = getattr(row.node, "bmc", None)
    if bmc is None:
        raise Conflict(
            f"Node {row.node_id} is {row.node.status} and has no BMC any more.",
            issue=issues.CHANGED_UNDERWAY,
        )
    if interrupted and action in NOT_REPEATABLE:
        _give_up_unsure(bmc)
    if timezone.now() - row.asked_at > GOOD_FOR:
        raise Conflict(
            f"It waited over {GOOD_FOR.seconds // 60} minutes and is not carried out any more.",
            issue=issues.NO_WORKER,
        )
    if needs_confirmation(row.node, action) and not row.confirmed:
        raise Conflict(
            f"Node {row.node_id} has come into use since this was asked: it was left as it is.",
            advice="Ask again, and say that it is meant.",
            issue=issues.CHANGED_UNDERWAY,
        )
    return power_act(bmc=bmc, action=action)


def _give_up_unsure(bmc: Bmc) -> None:
    """Raise Conflict for what must not be done twice; Busy while somebody may still be at it."""
    if bmc.busy_until is not None and bmc.busy_until > timezone.now():
        raise Busy(f"Another operation ({bmc.busy_with}) has this BMC now.")
    raise Conflict(
        "Bearman was stopped in the middle of this: it may or may not have been carried out.",
        advice=READ_POWER,
        issue=issues.NO_WORKER,
    )


def _wait_while_busy(row: PowerRequest, error: Busy, *, interrupted: bool) -> int | None:
    if row.begun_at is not None and timezone.now() - row.begun_at > BUSY_FOR:
        _fail(row, error.message, error.advice, error.issue)
        return None
    if not interrupted:
        _put_back(row, f"{error.message} Waiting for it.", attempts=row.attempts - 1)
    return BUSY_PAUSE


def _wait_while_silent(row: PowerRequest, error: BmcTimeout) -> int | None:
    if error.may_have_acted or row.attempts > len(PAUSES):
        _fail(row, str(error), error.advice, error.issue)
        return None
    again = f"Try {row.attempts + 1} of {len(PAUSES) + 1} follows."
    _put_back(row, f"{error} {again}", attempts=row.attempts)
    return PAUSES[row.attempts - 1]


def _put_back(row: PowerRequest, message: str, *, attempts: int) -> None:
    PowerRequest.objects.filter(pk=row.pk, result=PowerResult.RUNNING).update(
        result=PowerResult.WAITING, message=message[:1000], attempts=attempts
    )


def _fail(row: PowerRequest, message: str, advice: str, issue: Issue | None = None) -> None:
    _end(row, PowerResult.FAILED, message, advice, issue)


def _end(
    row: PowerRequest,
    result: PowerResult,
    message: str,
    advice: str = "",
    issue: Issue | None = None,
) -> None:
    """Write down what came of it, once, with its event; a power that was just read needs none."""
    failed = result is PowerResult.FAILED
    with transaction.atomic():
        ended = PowerRequest.objects.filter(pk=row.pk, result__in=UNDER_WAY).update(
            result=result, message=message[:1000], advice=advice[:1000], ended_at=timezone.now()
        )
        if ended and (failed or row.action != PowerAction.STATUS):
            event_add(
                node_id=row.node_id,
                kind=EventKind.FAILURE if failed else EventKind.POWER,
                actor=row.actor,
                issue=issue,
                message=f"{WORDS[PowerAction(row.action)].label}: {message}",
            )
