"""Trying a deployment again, and giving it up."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from baremetal.models import Baremetal, EventKind
from baremetal.services.prepare import power_on_defer
from baremetal.services.status import SYSTEM, baremetal_move
from baremetal.states import BaremetalState, Step
from bearman.lib.issues import Issue, deployment
from nodes.services.boot import boot_tokens_end


def may_try_again(row: Baremetal) -> bool:
    """Say whether the row has attempts left (BEARMAN_DEPLOY_ATTEMPTS in all)."""
    return row.attempt < settings.DEPLOY_ATTEMPTS


def try_again(
    *,
    row: Baremetal,
    reason: str,
    cold: bool | None = None,
    actor: str = SYSTEM,
    issue: Issue | None = None,
) -> bool:
    """Switch the machine off and on for another attempt; false where somebody was faster.

    `cold`: boot the system over the network instead of by kexec; None leaves that as it is.
    """
    changes: dict[str, Any] = {
        "attempt": row.attempt + 1,
        "power_cut": row.power_cut or row.powered_at is not None or row.step != Step.POWER_ON,
        "powered_at": None,
        "cold_boot": row.cold_boot if cold is None else cold,
        "nonce": "",
    }
    how = "cold over the network" if changes["cold_boot"] else "again"
    with transaction.atomic():
        moved = baremetal_move(
            row=row,
            to=BaremetalState(row.state),
            step=Step.POWER_ON,
            kind=EventKind.WARNING,
            actor=actor,
            issue=issue,
            message=f"{reason} It is booted {how}, attempt {row.attempt + 1} of "
            f"{settings.DEPLOY_ATTEMPTS}.",
            **changes,
        )
        if moved:
            boot_tokens_end(node_id=row.node_id)
            power_on_defer(row=row)
    return moved


def give_up(
    *,
    row: Baremetal,
    reason: str,
    step: str = "",
    log_tail: str = "",
    actor: str = SYSTEM,
    more_advice: str = "",
    issue: Issue | None = None,
) -> bool:
    """End a deployment in UNRECOVERABLE_ERROR, with what happened and what to do about it.

    `issue` is what failed; without, the step says it: `step` is the one of the machine's own
    script, where that knows better.
    """
    tried = f" It was tried {row.attempt} times." if row.attempt > 1 else ""
    reason = reason if not tried or reason.endswith(".") else f"{reason}."
    return baremetal_move(
        row=row,
        to=BaremetalState.UNRECOVERABLE_ERROR,
        message=f"{reason}{tried}",
        failed=True,
        actor=actor,
        advice=more_advice,
        issue=issue or deployment.for_step(step or row.step),
        log_tail=log_tail,
    )


def since(moment: datetime) -> str:
    """Return a moment for a sentence."""
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
