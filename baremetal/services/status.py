"""Changes of a deployment's state and step, each with its event."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from baremetal.models import Baremetal, BaremetalEvent, EventKind
from baremetal.services.notices import deployment_told
from baremetal.states import NOT_AT_REST, BaremetalState, Step, may_move
from bearman.lib.errors import Conflict
from bearman.lib.issues import Issue, deployment
from nodes.services.boot import TOKEN_PARTS

SYSTEM = "system"
NODE = "node"
MAX_MESSAGE = 1000  # characters kept of a sentence

# The setting that limits each step, in seconds.
LIMITS: dict[Step, str] = {
    Step.PREPARE: "PREPARE_SECONDS",
    Step.POWER_ON: "POWER_ON_SECONDS",
    Step.STAGE_ONE: "STAGE_ONE_SECONDS",
    Step.KEXEC: "KEXEC_SECONDS",
    Step.STAGE_TWO: "STAGE_TWO_SECONDS",
    Step.CONFIGURE: "CONFIGURE_SECONDS",
    Step.POWER_OFF: "RELEASE_SECONDS",
}


def step_seconds(step: Step) -> int:
    """Return how long a step may take, in seconds."""
    return int(getattr(settings, LIMITS[step]))


def deadline_of(state: BaremetalState, step: Step | None) -> datetime | None:
    """Return when a row that enters this step now must have left it; None for a state at rest."""
    if state not in NOT_AT_REST or step is None:
        return None
    return timezone.now() + timedelta(seconds=step_seconds(step))


def event_add(
    *,
    row: Baremetal,
    kind: EventKind,
    message: str,
    actor: str = SYSTEM,
    step: str | None = None,
    issue: Issue | None = None,
    log_tail: str = "",
) -> None:
    """Put one thing that happened on the deployment's time line; long messages are cut."""
    BaremetalEvent.objects.create(
        baremetal_id=row.pk,
        kind=kind,
        actor=actor,
        step=row.step if step is None else step[:12],
        issue=issue.code if issue else "",
        attempt=row.attempt,
        message=message[:MAX_MESSAGE],
        log_tail=log_tail,
    )


def baremetal_move(
    *,
    row: Baremetal,
    to: BaremetalState,
    step: Step | None = None,
    message: str,
    actor: str = SYSTEM,
    kind: EventKind = EventKind.STEP,
    failed: bool = False,
    advice: str = "",
    issue: Issue | None = None,
    log_tail: str = "",
    **changes: Any,
) -> bool:
    """Change state and step, if the row is still where `row` was read; its event goes with it.

    With `failed` the step stays, and the message is the row's reason; `issue` is what failed (else
    what the step says), and gives the advice where there is no other. Without, only the event has
    the issue. `changes`: more columns. Returns false where somebody was faster: then nothing has
    changed. Raises Conflict for a change that the table does not have.
    """
    before = BaremetalState(row.state)
    if to != before and not may_move(before, to):
        raise Conflict(f"{row.hostname} is {before} and cannot become {to}.")
    kept = Step(row.step) if failed and row.step else step
    if failed:
        issue = issue or deployment.for_step(row.step)
        advice = advice or issue.advice
    code = issue.code if issue else ""
    now = timezone.now()
    columns: dict[str, Any] = {
        "state": to,
        "step": kept or "",
        "reason": message[:MAX_MESSAGE] if failed else "",
        "advice": advice[:MAX_MESSAGE],
        "issue": code if failed else "",
        "log_tail": log_tail,
        "deadline": deadline_of(to, kept),
        "step_since": now,
    } | changes
    event: dict[str, str] = {"kind": kind}
    if to != before:
        columns["state_since"] = now
        event = {"kind": EventKind.STATE, "from_state": before, "to_state": to}
    with transaction.atomic():
        if not unchanged(row).update(**columns):
            return False
        BaremetalEvent.objects.create(
            baremetal_id=row.pk,
            actor=actor,
            step=columns["step"],
            issue=code,
            attempt=columns.get("attempt", row.attempt),
            message=message[:MAX_MESSAGE],
            log_tail=log_tail,
            **event,
        )
        if to != before:
            deployment_told(baremetal_id=row.pk, to=to)
    _take_over(row, columns)
    return True


# One statement, since a whole room does it at once after a power cut.
_NOTE = """
WITH changed AS (
    UPDATE baremetal_baremetal SET {columns}
    WHERE id = %(id)s AND state = %(state)s AND step = %(step)s AND attempt = %(attempt)s
        AND nonce = %(nonce_before)s
    RETURNING id
), told AS (
    INSERT INTO baremetal_baremetalevent
        (baremetal_id, actor, kind, from_state, to_state, step, attempt, message, log_tail)
    SELECT id, %(actor)s, %(kind)s, '', '', %(step)s, %(attempt)s, %(message)s::text, ''
    FROM changed WHERE %(message)s::text <> ''
){parts}
SELECT count(*) > 0 FROM changed
"""


def noted(
    *,
    row: Baremetal,
    kind: EventKind,
    message: str,
    changes: dict[str, Any],
    token: dict[str, Any] | None = None,
) -> bool:
    """Write columns of a row whose state and step stay, with an event of the machine's.

    Returns false where the row is not as it was read: then nothing has changed. `changes` has
    names of columns, which are Bearman's own; without a message there is no event. `token`: also
    give this boot token, see nodes.services.boot.boot_token_new.
    """
    names = ", ".join(f"{name} = %({name})s" for name in changes)
    values = changes | {
        "id": row.pk,
        "state": row.state,
        "step": row.step,
        "attempt": row.attempt,
        "nonce_before": row.nonce,
        "actor": NODE,
        "kind": kind.value,
        "message": message[:MAX_MESSAGE],
    }
    parts = f", {TOKEN_PARTS}" if token else ""
    with connection.cursor() as cursor:
        cursor.execute(_NOTE.format(columns=names, parts=parts), values | (token or {}))
        return bool(cursor.fetchone()[0])


def same_boot(one: Baremetal, other: Baremetal) -> bool:
    """Say whether two readings of a row are of the same state, step, attempt and boot."""
    names = ("state", "step", "attempt", "nonce")
    return all(getattr(one, name) == getattr(other, name) for name in names)


def unchanged(row: Baremetal) -> Any:
    """Return the row in the database, if its state, step, attempt and boot are as in `row`."""
    return Baremetal.objects.filter(
        pk=row.pk, state=row.state, step=row.step, attempt=row.attempt, nonce=row.nonce
    )


def _take_over(row: Model, columns: dict[str, Any]) -> None:
    for name, value in columns.items():
        setattr(row, name, value)
