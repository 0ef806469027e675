"""The canary of a baseline: one node first, and the others only when that went well."""

from enum import StrEnum

from django.utils import timezone

from nodes.models import FirmwareBaseline, FirmwareUpdate, Node
from nodes.models.firmware import UPDATE_OPEN, CanaryState, FirmwareMode, UpdateState
from nodes.states import NodeStatus


class Gate(StrEnum):
    """Whether a node may be updated now."""

    GO = "go"
    WAIT = "wait"  # another node tries it first
    STOP = "stop"  # the canary failed
    TELL = "tell"  # the baseline updates nothing


def canary_gate(*, baseline: FirmwareBaseline, node: Node) -> Gate:
    """Say whether `node`, which is behind, may be updated.

    Of many that ask at once, exactly one becomes the canary: the conditional UPDATE decides.
    """
    if baseline.mode not in (FirmwareMode.CANARY, FirmwareMode.ON):
        return Gate.TELL
    if baseline.mode == FirmwareMode.ON or baseline.canary_state == CanaryState.PASSED:
        return Gate.GO
    if _claimed(baseline, node):
        return Gate.GO
    baseline.refresh_from_db()
    if baseline.canary_state == CanaryState.PASSED:
        return Gate.GO
    if baseline.canary_state == CanaryState.TRYING and canary_lost(baseline):
        if canary_release(baseline=baseline, node_id=baseline.canary_id) and _claimed(
            baseline, node
        ):
            return Gate.GO
        canary_fail(baseline=baseline, node_id=baseline.canary_id)
    return Gate.STOP if baseline.canary_state == CanaryState.FAILED else Gate.WAIT


def _claimed(baseline: FirmwareBaseline, node: Node) -> bool:
    """Make the node the canary, if there is none or it is the one; a failed one tries again."""
    same = FirmwareBaseline.objects.filter(
        pk=baseline.pk, revision=baseline.revision, mode=FirmwareMode.CANARY
    )
    trying = {"canary": node, "canary_state": CanaryState.TRYING, "canary_at": timezone.now()}
    mine = same.filter(canary=node)
    if mine.filter(canary_state__in=("", CanaryState.FAILED)).update(**trying):
        return True
    if mine.update(canary=node):  # held, so that it is not released while it begins
        return True
    return bool(same.filter(canary=None).update(**trying))


def canary_lost(baseline: FirmwareBaseline) -> bool:
    """Say whether the canary went silent, failed elsewhere or was taken out in the middle of it."""
    canary = Node.objects.filter(pk=baseline.canary_id or 0)
    return not canary.filter(status=NodeStatus.REGISTERING).exists()


def canary_release(*, baseline: FirmwareBaseline, node_id: int | None) -> bool:
    """Take a node that has not begun off the baseline, and say so: another one is its canary then.

    To be called in a transaction; holds the baseline until that ends.
    """
    rows = FirmwareBaseline.objects.filter(
        pk=baseline.pk,
        revision=baseline.revision,
        canary_id=node_id or 0,
        canary_state=CanaryState.TRYING,
    )
    if not list(rows.select_for_update(of=("self",), no_key=True).only("pk")):
        return False
    begun = FirmwareUpdate.objects.filter(
        node_id=node_id or 0, baseline=baseline, revision=baseline.revision, attempts__gt=0
    )
    if begun.exists():
        return False
    return bool(rows.update(canary=None, canary_state="", canary_at=None))


def canaries_release(*, node_id: int) -> None:
    """Release the node as a canary wherever it has not begun: its registration has ended."""
    for baseline in FirmwareBaseline.objects.filter(canary_id=node_id).order_by("pk"):
        canary_release(baseline=baseline, node_id=node_id)


def canary_fail(*, baseline: FirmwareBaseline, node_id: int | None) -> None:
    """Note that the canary has failed, if this node is it; the others stay as they are."""
    rows = FirmwareBaseline.objects.filter(
        pk=baseline.pk, revision=baseline.revision, canary_id=node_id or 0
    )
    if rows.exclude(canary_state=CanaryState.PASSED).update(canary_state=CanaryState.FAILED):
        baseline.canary_state = CanaryState.FAILED


def canary_settle(*, baseline: FirmwareBaseline, node_id: int) -> None:
    """Let the baseline go on to all nodes, if this one is its canary and has done all of it.

    A canary that turned out to have nothing to do has proven nothing: another one is it then.
    """
    rows = FirmwareBaseline.objects.filter(
        pk=baseline.pk, revision=baseline.revision, canary_id=node_id
    ).exclude(canary_state=CanaryState.PASSED)
    updates = FirmwareUpdate.objects.filter(
        node_id=node_id, baseline=baseline, revision=baseline.revision
    )
    if updates.filter(state__in=(*UPDATE_OPEN, UpdateState.FAILED)).exists():
        return
    if updates.filter(state=UpdateState.DONE, attempts__gt=0).exists():
        rows.update(canary_state=CanaryState.PASSED)
    else:
        rows.update(canary=None, canary_state="", canary_at=None)
