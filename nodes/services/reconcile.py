"""What ends the waiting: nodes past a deadline, and machines that should be dark by now."""

from django.db import transaction
from django.utils import timezone

from bearman.lib.errors import BearmanError, Busy
from bearman.lib.issues import registration
from nodes.bmc import BmcError, PowerState
from nodes.models import Bmc, Node
from nodes.services.bmc import power_read
from nodes.services.lifecycle import node_retire
from nodes.services.light import light_on
from nodes.services.status import SYSTEM, node_move
from nodes.states import NodeStatus

BATCH = 500  # rows one run looks at; the next run goes on


def overdue_fail() -> int:
    """End every registration past its deadline, and return how many that were."""
    overdue = Node.objects.filter(
        status=NodeStatus.REGISTERING, deadline__lt=timezone.now()
    ).values_list("pk", "step", "last_seen")
    ended = 0
    for pk, step, last_seen in overdue[:BATCH]:
        with transaction.atomic():
            if overdue.select_for_update(no_key=True).filter(pk=pk).first() is None:
                continue  # it spoke in this very moment
            node_move(
                node_id=pk,
                to=NodeStatus.REGISTER_FAILED,
                only_from=NodeStatus.REGISTERING,
                step=step,
                reason=f"No word since {last_seen:%Y-%m-%d %H:%M:%S} UTC, in step {step}.",
                issue=registration.NO_WORD,
            )
            light_on(node_id=pk)
        ended += 1
    return ended


def retired_finish() -> None:
    """Go on with retirements that were cut short: their addresses go back to IPman."""
    for bmc in Bmc.objects.select_related("node").filter(node__status=NodeStatus.RETIRED)[:BATCH]:
        node_retire(node=bmc.node, actor=SYSTEM)


def power_off_due_ids() -> list[int]:
    """Return the BMCs of READY nodes that have not been seen to be off since their proof."""
    due = Bmc.objects.filter(node__status=NodeStatus.READY, node__power_off_due__isnull=False)
    return list(due.order_by("node__power_off_due").values_list("pk", flat=True)[:BATCH])


def power_off_confirm(*, bmc_id: int) -> bool:
    """See whether a proven machine went dark; after its deadline one that is lit has failed.

    Returns true once there is nothing left to wait for. Raises nothing for a BMC that does not
    answer: until the deadline it is asked again, after it the node has failed.
    """
    bmc = Bmc.objects.select_related("node").filter(pk=bmc_id).first()
    if bmc is None or bmc.node.power_off_due is None or bmc.node.status != NodeStatus.READY:
        return True
    try:
        power = power_read(bmc=bmc)
        seen = f"Its BMC says that the power is {power}."
    except Busy:
        return False  # another operation has the BMC; that says nothing of the machine
    except (BmcError, BearmanError) as error:
        power, seen = None, str(error)
    if power is PowerState.OFF:
        # Not the due time of a proof that came in the meantime.
        waiting = Node.objects.filter(pk=bmc.node_id, power_off_due=bmc.node.power_off_due)
        waiting.update(power_off_due=None)
        return True
    if bmc.node.power_off_due > timezone.now():
        return False
    _still_lit(bmc.node_id, seen)
    return True


def _still_lit(node_id: int, seen: str) -> None:
    try:
        node_move(
            node_id=node_id,
            to=NodeStatus.REGISTER_FAILED,
            only_from=NodeStatus.READY,
            step="power_off",
            reason=f"It did not switch itself off after its registration. {seen}",
            issue=registration.STAYS_LIT,
        )
    except BearmanError:
        return  # it went on to something else in this very moment
    Node.objects.filter(pk=node_id).update(power_off_due=None)
    light_on(node_id=node_id)
