"""What operators decide at the identity desk about a machine in quarantine."""

from django.db import transaction

from bearman.lib.errors import Conflict, NotFound, Unconfirmed
from bearman.lib.issues import identity, issue_or_none
from nodes.models import EventKind, Node, NodeEvent
from nodes.services.addresses import pending_forget
from nodes.services.boot import boot_tokens_end
from nodes.services.recognition import twin_of, with_evidence
from nodes.services.status import event_add, node_move
from nodes.services.swap import columns_save, inventory_swap
from nodes.states import NOT_OWNERS, Decision, NodeStatus
from nodes.uuids import is_known_bad_uuid, swapped_uuid

STEP = "identity"
FREE = (NodeStatus.REGISTERING, NodeStatus.READY)


@transaction.atomic
def node_own(*, node: Node, actor: str, note: str = "") -> None:
    """Give a quarantined machine its own identity, though its UUID is another's or nobody's.

    Its board and interfaces tell who it is from then on; it registers at its next boot. Raises
    Conflict where they cannot tell, or where they are those of another node.
    """
    row = _quarantined(node)
    known = with_evidence(Node.objects.filter(pk=row.pk)).get()
    if not getattr(known, "known_macs", ()):
        raise Conflict(
            f"{_named(row)} has no network interface by which it could be told from others.",
            advice="Set a unique UUID with the vendor's tool, and boot it again.",
        )
    _require_other_parts(known)
    Node.objects.filter(pk=row.pk).update(decision=Decision.OWN)
    _anew(row, actor, _words("It is a machine of its own", actor, note), NodeStatus.QUARANTINED)


@transaction.atomic
def node_reject(*, node: Node, actor: str, note: str = "") -> None:
    """Turn a quarantined machine away: its row is retired, and quarantined again where it comes.

    Raises Conflict for a node that is not in quarantine.
    """
    row = _quarantined(node)
    Node.objects.filter(pk=row.pk).update(decision=Decision.REJECTED)
    reason = _words("Rejected", actor, note)
    node_move(node_id=row.pk, to=NodeStatus.RETIRED, actor=actor, step=STEP, reason=reason)
    boot_tokens_end(node_id=row.pk)


@transaction.atomic
def node_merge(
    *, node: Node, into: Node, actor: str, note: str = "", confirmed: bool = False
) -> None:
    """Say that a quarantined machine is the one of another node, whose parts were changed.

    The other node gets its UUID and inventory, and keeps number, place, address and history; it
    must be proven anew. The quarantined row is retired with what the node was before. A deployment
    that is under way goes on undisturbed. Raises Conflict; Unconfirmed for a node in use.
    """
    row, target = _both(node, into)
    if target.status == NodeStatus.IN_USE and not confirmed:
        raise Unconfirmed(
            f"{_named(target)} is in use. Its deployment goes on, but from then on it is given to "
            "the newcomer when that boots, and to nobody else."
        )
    Node.objects.filter(pk=row.pk).update(decision=Decision.MERGED, same_as=target)
    words = _words(f"It is the machine of node {target.pk} ({target})", actor, note)
    node_move(node_id=row.pk, to=NodeStatus.RETIRED, actor=actor, step=STEP, reason=words)
    _exchange(row, target)
    boot_tokens_end(node_id=row.pk)
    words = _words(f"The newcomer {row.pk} is this machine", actor, note)
    _stands(target, actor, words)


@transaction.atomic
def node_undecide(*, node: Node, actor: str, note: str = "") -> None:
    """Take a decision of the desk back: the machine is in quarantine again.

    Raises Conflict where nothing was decided, or where the machine has registered since.
    """
    _lock_with_other(node.pk)
    row = _locked(node.pk)
    match (row.decision, row.status):
        case (Decision.REJECTED, NodeStatus.RETIRED):
            _back(row, actor, note)
        case (Decision.OWN, NodeStatus.REGISTER_FAILED) if not hasattr(row, "bmc"):
            _back(row, actor, note)
        case (Decision.MERGED, NodeStatus.RETIRED) if row.same_as_id is not None:
            _unmerge(row, actor, note)
        case _:
            raise Conflict(
                f"{_named(row)} is {row.status}; there is no decision to take back, or it has "
                "registered since.",
            )


def may_undecide(node: Node) -> bool:
    """Say whether `node_undecide` may make sense; it looks closer."""
    if node.decision == Decision.OWN:
        return node.status == NodeStatus.REGISTER_FAILED and not hasattr(node, "bmc")
    return bool(node.decision) and node.status == NodeStatus.RETIRED


def _unmerge(row: Node, actor: str, note: str) -> None:
    target = _locked(row.same_as_id or 0)
    merged = NodeEvent.objects.filter(node=row, to_status=NodeStatus.RETIRED).first()
    if merged is None or target.last_seen > merged.at:
        raise Conflict(
            f"{_named(target)} was heard of since the merge, and stays as it is.",
            advice="If it was wrong, retire that node and let the machine register anew.",
        )
    _exchange(row, target)
    _back(row, actor, note, same_as=None, clashes_with=target)
    _stands(target, actor, _words(f"The merge with {row.pk} was taken back", actor, note))


def _exchange(row: Node, target: Node) -> None:
    """Swap what the two rows know; a shared or bad UUID then needs its own identity."""
    inventory_swap(one=row, two=target)
    target.decision = Decision.OWN if _needs_own(target) else ""
    columns_save(row)
    columns_save(target, "decision")


def _needs_own(node: Node) -> bool:
    if node.uuid is None or is_known_bad_uuid(str(node.uuid)):
        return True
    forms = (str(node.uuid), swapped_uuid(str(node.uuid)))
    others = Node.objects.filter(uuid__in=forms).exclude(pk=node.pk)
    return others.exclude(status__in=NOT_OWNERS).exists()


def _back(row: Node, actor: str, note: str, **changes: Node | None) -> None:
    """Quarantine a machine as it was before the decision, for the reason of that time."""
    was = NodeEvent.objects.filter(node=row, to_status=NodeStatus.QUARANTINED).first()
    node_move(
        node_id=row.pk,
        to=NodeStatus.QUARANTINED,
        actor=actor,
        step=STEP,
        reason=was.message if was else _words("A decision was taken back", actor, note),
        advice=identity.UUID_OF_ANOTHER.advice,
        issue=issue_or_none(was.issue) if was else None,
    )
    Node.objects.filter(pk=row.pk).update(decision="", **changes)
    _note(row, actor, _words("The decision was taken back", actor, note))


def _stands(target: Node, actor: str, words: str) -> None:
    """Have a node whose parts are others now prove its BMC anew, unless somebody has it."""
    Node.objects.filter(pk=target.pk).update(proven_at=None, power_off_due=None)
    if target.status == NodeStatus.IN_USE:
        _note(target, actor, words)
        return
    boot_tokens_end(node_id=target.pk)
    pending_forget(node_id=target.pk)
    if target.status in FREE:
        _anew(target, actor, words, NodeStatus(target.status))
        return
    if target.status == NodeStatus.REGISTER_FAILED:
        changes = {"step": STEP, "reason": words[:1000], "issue": identity.DECIDED.code}
        Node.objects.filter(pk=target.pk).update(**changes, advice=identity.DECIDED.advice)
    _note(target, actor, words)


def _anew(node: Node, actor: str, words: str, before: NodeStatus) -> None:
    node_move(
        node_id=node.pk,
        to=NodeStatus.REGISTER_FAILED,
        only_from=before,
        actor=actor,
        step=STEP,
        reason=words,
        issue=identity.DECIDED,
    )


def _require_other_parts(node: Node) -> None:
    """Raise Conflict where a live node has the same parts: two machines cannot."""
    other = twin_of(node)
    if other is not None:
        raise Conflict(
            f"{_named(node)} has the parts of node {other.pk} ({other}), and nothing could tell "
            "the two apart.",
            advice=f"Merge it into node {other.pk}, or retire that one first.",
        )


def _quarantined(node: Node) -> Node:
    row = _locked(node.pk)
    if row.status != NodeStatus.QUARANTINED:
        raise Conflict(f"{_named(row)} is {row.status}, and not in quarantine any more.")
    return row


def _both(node: Node, into: Node) -> tuple[Node, Node]:
    """Lock both, the older first, and return them; raises Conflict where they cannot be merged."""
    for pk in sorted({node.pk, into.pk}):
        _locked(pk)
    row, target = _quarantined(node), _locked(into.pk)
    if target.status in NOT_OWNERS:
        advice = "Take its retirement back first."
        if target.status == NodeStatus.QUARANTINED:
            advice = "Decide about that one first."
        raise Conflict(
            f"{_named(row)} cannot be merged into node {target.pk} ({target}), which is "
            f"{target.status}.",
            advice=advice,
        )
    return row, target


def _lock_with_other(pk: int) -> None:
    """Lock a node, and the one that it was merged into, in the order in which machines register."""
    other = Node.objects.filter(pk=pk).values_list("same_as_id", flat=True).first()
    for each in sorted({pk, other or pk}):
        _locked(each)


def _locked(pk: int) -> Node:
    rows = Node.objects.select_for_update(of=("self",), no_key=True).defer("searched")
    row = rows.filter(pk=pk).first()
    if row is None:
        raise NotFound(f"There is no node {pk}.")
    return row


def _note(node: Node, actor: str, words: str) -> None:
    kind = EventKind.OPERATOR
    event_add(node_id=node.pk, kind=kind, actor=actor, step=STEP, message=words)


def _words(what: str, actor: str, note: str) -> str:
    return f"{what}, says {actor}.{f' {note.strip()}' if note.strip() else ''}"


def _named(node: Node) -> str:
    return f"Node {node.pk} ({node})"
