"""What people ask of machines' power: written down and queued here, carried out by the worker."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from bearman.lib.errors import Conflict, Invalid, Unconfirmed
from bearman.lib.issues import bmc as issues
from nodes.models import Node, PowerRequest
from nodes.power import SWITCHES_OFF, UNDER_WAY, WORDS, PowerAction, PowerResult
from nodes.states import NodeStatus

TASK = "nodes.tasks.power"  # by its name: services know nothing of tasks
PRIORITY = 10  # before what nobody waits for
MAX_NODES = 500  # in one batch
MOST_NAMED = 10  # in one sentence
KEPT = timedelta(days=30)

# Nobody expects a machine to be switched by what was asked long ago, while no worker ran.
GOOD_FOR = timedelta(minutes=15)
OVERDUE = GOOD_FOR + timedelta(minutes=3)


def power_ask(
    *,
    nodes: Sequence[Node],
    action: PowerAction,
    actor: str,
    confirmed: bool = False,
    request_id: UUID | None = None,
) -> UUID:
    """Have the worker do one thing with the BMCs of some nodes, and return the batch.

    The same actor and `request_id` give the same batch again. Raises Unconfirmed where it would
    switch off nodes in use, Conflict where no node has a BMC that can be asked or the
    `request_id` was for something else, Invalid for none or over 500 nodes.
    """
    rows = _fresh(nodes)
    asked = _asked_before(rows, action, actor, request_id)
    if asked is not None:
        return asked
    _require_confirmed(rows, action, confirmed=confirmed)
    batch = uuid4()
    requests = [
        PowerRequest(
            batch=batch,
            position=position,
            node=node,
            action=action,
            confirmed=confirmed,
            actor=actor[:150],
            request_id=request_id,
            **_unusable(node),
        )
        for position, node in enumerate(rows)
    ]
    if all(request.result == PowerResult.FAILED for request in requests):
        raise Conflict(requests[0].message, issue=issues.NO_CREDENTIAL)
    try:
        _queue(requests)
    except IntegrityError:
        asked = _asked_before(rows, action, actor, request_id)
        if asked is None:
            raise
        return asked  # the same call, made twice, was faster
    return batch


def power_overdue_end() -> int:
    """End requests that no worker has ended, and return how many that were."""
    late = PowerRequest.objects.filter(result__in=UNDER_WAY, asked_at__lt=timezone.now() - OVERDUE)
    return late.update(
        result=PowerResult.FAILED,
        ended_at=timezone.now(),
        message="No worker has carried this out in time, or one was stopped while it did.",
        advice=issues.NO_WORKER.advice,
    )


def power_requests_prune() -> None:
    """Delete requests that were asked over 30 days ago; the time lines keep what was done."""
    PowerRequest.objects.filter(asked_at__lt=timezone.now() - KEPT).delete()


def names_of(nodes: Sequence[Node]) -> str:
    """Return the nodes in words, at most ten of them."""
    names = ", ".join(f"{node} (node {node.pk})" for node in nodes[:MOST_NAMED])
    more = len(nodes) - MOST_NAMED
    return f"{names} and {more} more" if more > 0 else names


def needs_confirmation(node: Node, action: PowerAction) -> bool:
    """Say whether the action would switch off a machine that somebody uses."""
    return action in SWITCHES_OFF and node.status == NodeStatus.IN_USE


def _fresh(nodes: Sequence[Node]) -> list[Node]:
    """Return the nodes as they are now, each once, in the order in which they were named."""
    keys = list(dict.fromkeys(node.pk for node in nodes))
    if not 0 < len(keys) <= MAX_NODES:
        raise Invalid(f"Name 1 to {MAX_NODES} nodes; these are {len(keys)}.")
    known = Node.objects.select_related("bmc").defer("searched").in_bulk(keys)
    return [known[key] for key in keys if key in known]


def _asked_before(
    nodes: Sequence[Node], action: PowerAction, actor: str, request_id: UUID | None
) -> UUID | None:
    if request_id is None:
        return None
    before = list(
        PowerRequest.objects.filter(actor=actor[:150], request_id=request_id).order_by("position")
    )
    if not before:
        return None
    if before[0].action != action or [r.node_id for r in before] != [n.pk for n in nodes]:
        raise Conflict(
            f"The request_id {request_id} was used for another request.",
            advice="Make up a new one for each request.",
        )
    return before[0].batch


def _require_confirmed(nodes: Sequence[Node], action: PowerAction, *, confirmed: bool) -> None:
    in_use = [node for node in nodes if needs_confirmation(node, action)]
    if in_use and not confirmed:
        what = "a machine that is" if len(in_use) == 1 else f"{len(in_use)} machines that are"
        raise Unconfirmed(f"This would {WORDS[action].verb} {what} in use: {names_of(in_use)}.")


def _unusable(node: Node) -> dict[str, object]:
    """Return what the row of a node whose BMC cannot be asked says from the start."""
    bmc = getattr(node, "bmc", None)
    if bmc is not None and bmc.address is not None and bmc.password is not None:
        return {}
    return {
        "result": PowerResult.FAILED,
        "message": f"Node {node.pk} is {node.status} and has no BMC with a proven address and "
        "credential.",
        "advice": issues.NO_CREDENTIAL.advice,
        "ended_at": timezone.now(),
    }


def _queue(requests: list[PowerRequest]) -> None:
    """Write the rows and their tasks, both or none; the lock keeps one BMC's tasks in order."""
    with transaction.atomic():
        for row in PowerRequest.objects.bulk_create(requests):
            if row.result == PowerResult.WAITING:
                lock = f"bmc:{row.node.bmc.pk}"
                task = app.configure_task(TASK, lock=lock, priority=PRIORITY)
                task.defer(power_request_id=row.pk)
