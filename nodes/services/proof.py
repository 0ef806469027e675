"""The proof that a machine can be controlled from afar."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from bearman.lib.errors import Conflict
from bearman.lib.issues import Issue
from nodes.bmc import BmcError, BmcTimeout, PowerState
from nodes.models import Bmc, EventKind, Node
from nodes.services.bmc import bmc_operate, power_note
from nodes.services.boot import BootCaller
from nodes.services.checked import checked_require
from nodes.services.findings import findings_refuse
from nodes.services.light import light_off
from nodes.services.status import NODE, deadline_for, event_add, node_move
from nodes.states import NodeStatus

STEP = "confirm"


@dataclass(frozen=True, slots=True)
class Proof:
    """Whether Bearman could control the machine; if not, why, and whether to ask again soon."""

    proven: bool
    status: NodeStatus
    reason: str = ""
    advice: str = ""
    issue: Issue | None = None
    retry: bool = False


def bmc_prove(*, caller: BootCaller) -> Proof:
    """Log in to the BMC with the pending credential, read the power status, and make it READY.

    A BMC that is silent may still be settling: for BEARMAN_BMC_SETTLE_SECONDS the answer is to
    ask again. After that, or when the BMC refuses, the node is REGISTER_FAILED. Raises Conflict
    for a node that is not registering or whose cables, firmware or parts did not pass or were not
    checked in this boot, Busy while another operation has the BMC.
    """
    node = Node.objects.select_related("bmc", "flavor").filter(pk=caller.node_id or 0).first()
    if node is None:
        raise Conflict("This machine has not registered.", advice="Call Register first.")
    if node.status == NodeStatus.READY:
        return Proof(True, NodeStatus.READY)
    findings_refuse(node=node)
    checked_require(node=node, caller=caller)
    bmc = _registering_bmc(node)
    try:
        power = bmc_operate(
            bmc=bmc,
            operation="proof",
            run=lambda driver: driver.power_status(),
            password=bmc.pending_password or bmc.password,
            attempts=1,  # the machine asks again by itself
        )
    except BmcError as error:
        return _not_proven(bmc, error)
    return _proven(bmc, power)


def _registering_bmc(node: Node) -> Bmc:
    bmc: Bmc | None = getattr(node, "bmc", None)
    if bmc is None or node.status not in (NodeStatus.REGISTER_FAILED, NodeStatus.REGISTERING):
        raise Conflict(f"Node {node.pk} is {node.status}: there is no BMC to prove.")
    proving = Bmc.objects.filter(pk=bmc.pk)
    if node.status == NodeStatus.REGISTER_FAILED:
        node_move(
            node_id=node.pk,
            to=NodeStatus.REGISTERING,
            only_from=NodeStatus.REGISTER_FAILED,
            actor=NODE,
            step=STEP,
        )
        proving.update(proving_since=None)  # it was set anew, and may settle anew
    proving.filter(proving_since=None).update(proving_since=timezone.now())
    Node.objects.filter(pk=node.pk, status=NodeStatus.REGISTERING).update(
        step=STEP, last_seen=timezone.now(), deadline=deadline_for(NodeStatus.REGISTERING)
    )
    kept = proving.first()
    if kept is None:
        raise Conflict(f"Node {node.pk} has no BMC any more.")
    return kept


def _proven(bmc: Bmc, power: PowerState) -> Proof:
    now = timezone.now()
    if Node.objects.filter(pk=bmc.node_id, status=NodeStatus.READY).exists():
        return Proof(True, NodeStatus.READY)  # the same call, made twice, was faster
    with transaction.atomic():
        node_move(
            node_id=bmc.node_id,
            to=NodeStatus.READY,
            only_from=NodeStatus.REGISTERING,
            reason=f"Proven: its BMC at {bmc.address} says that the power is {power}.",
        )
        _keep_proven(bmc)
        Node.objects.filter(pk=bmc.node_id).update(
            proven_at=now,
            reason="",
            power_off_due=now + timedelta(seconds=settings.POWER_OFF_DEADLINE_SECONDS),
        )
        power_note(bmc=bmc, power=power)
        light_off(node_id=bmc.node_id)
    return Proof(True, NodeStatus.READY)


def _keep_proven(bmc: Bmc) -> None:
    """Keep the very credential that opened the BMC; raises Conflict where a new boot changed it.

    The machine switches itself off now, and its identify light before that.
    """
    same = Bmc.objects.filter(pk=bmc.pk, address=bmc.address, pending_password=bmc.pending_password)
    proven = bmc.pending_password or bmc.password
    if not same.update(password=proven, pending_password=None, identify_on=False):
        raise Conflict(f"Node {bmc.node_id} has registered anew in the meantime.")


def _not_proven(bmc: Bmc, error: BmcError) -> Proof:
    assert bmc.proving_since is not None
    waited = timezone.now() - bmc.proving_since
    settling = waited <= timedelta(seconds=settings.BMC_SETTLE_SECONDS)
    retry = isinstance(error, BmcTimeout) and settling
    Bmc.objects.filter(pk=bmc.pk).update(last_error=str(error)[:1000])
    if retry:
        event_add(
            node_id=bmc.node_id,
            kind=EventKind.WARNING,
            step=STEP,
            message=str(error),
            issue=error.issue,
        )
        return Proof(
            False, NodeStatus.REGISTERING, str(error), error.advice, error.issue, retry=True
        )
    reason = str(error)
    if isinstance(error, BmcTimeout):
        reason += f" It was asked again for {waited.total_seconds():.0f} s."
    node_move(
        node_id=bmc.node_id,
        to=NodeStatus.REGISTER_FAILED,
        only_from=NodeStatus.REGISTERING,
        step=STEP,
        reason=reason,
        advice=error.advice,
        issue=error.issue,
    )
    return Proof(False, NodeStatus.REGISTER_FAILED, reason, error.advice, error.issue)
