"""Which row, if any, is the machine that says who it is."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import OuterRef, QuerySet

from bearman.lib.issues import Issue, identity
from nodes.identity import Evidence, Verdict, compare, telling_macs
from nodes.models import MemoryModule, NetworkInterface, Node, NodeEvent
from nodes.services.inventory import build_of
from nodes.states import NOT_OWNERS, Decision, NodeStatus
from nodes.uuids import is_known_bad_uuid, swapped_uuid

# Rows that may be the machine: those with its UUID, and those with one of its parts. A serial of
# the system is on all sleds of a chassis, and so is asked for only where the board has none.
# One statement on indexes, since a round of newcomers, whom nothing fits, needs no more than that.
_CANDIDATES = """
SELECT id FROM nodes_node WHERE uuid = ANY(%(forms)s::uuid[])
UNION SELECT id FROM nodes_node WHERE board_serial = %(board)s AND board_serial <> ''
UNION SELECT node_id FROM nodes_networkinterface WHERE mac = ANY(%(macs)s)
UNION SELECT id FROM nodes_node WHERE serial = %(serial)s AND serial <> ''
"""


@dataclass(frozen=True, slots=True)
class Recognition:
    """The machine's row, if it has one; and why it must be quarantined, if it must."""

    node: Node | None
    clashes_with: Node | None = None
    reason: str = ""
    issue: Issue | None = None


def recognise(*, uuid: str | None, evidence: Evidence) -> Recognition:
    """Find the machine by its UUID and judge by its parts whether it is the same one.

    A node that has its own identity by an operator's decision is known by its parts alone. Takes a
    lock on the identity until the transaction ends, so that two newcomers with one UUID come one
    after the other.
    """
    _lock(uuid, evidence)
    named = uuid if uuid and not is_known_bad_uuid(uuid) else None
    forms = [named, swapped_uuid(named)] if named else []
    ids = _candidates(uuid, forms, evidence)
    known = list(_with_evidence(ids)) if ids else []
    known.sort(key=lambda node: str(node.uuid) != uuid)
    live = [node for node in known if node.status not in NOT_OWNERS]
    mine = [node for node in live if str(node.uuid) in forms or node.decision == Decision.OWN]
    found = _the_same(mine, evidence)
    if found is not None:
        return Recognition(found)
    row = _latent([node for node in known if node not in live], forms, evidence)
    if named is None:
        return _rejected(_nameless(row, uuid, live, evidence))
    owners = [node for node in live if str(node.uuid) in forms]
    others = [node for node in live if node not in owners]
    return _rejected(_clash(row, owners, evidence) or _moved(row, others, evidence))


def twin_of(node: Node) -> Node | None:
    """Return a live node that nothing could tell from this one, which `with_evidence` has fetched.

    Whatever one of their UUIDs is: when both have an identity of their own, it says nothing.
    """
    evidence = evidence_of(node)
    others = Node.objects.filter(pk__in=_candidates(None, [], evidence)).exclude(pk=node.pk)
    live = with_evidence(others.exclude(status__in=NOT_OWNERS).order_by("pk"))
    return next((other for other, verdict in _judged(live, evidence) if verdict.same), None)


def evidence_of(node: Node) -> Evidence:
    """Return what is known of a node that `with_evidence` has fetched."""
    return Evidence(
        serial=node.serial,
        board_serial=node.board_serial,
        macs=telling_macs(getattr(node, "known_macs", ())),
        memory_serials=frozenset(getattr(node, "known_memory", ())),
        build=build_of(
            node.vendor, node.product_name, node.board_product, node.cpu_model, node.memory_bytes
        ),
    )


def with_evidence(nodes: QuerySet[Node]) -> QuerySet[Node]:
    """Fetch with each node what `evidence_of` needs."""
    macs = NetworkInterface.objects.filter(node=OuterRef("pk")).order_by().values("mac")
    memory = MemoryModule.objects.filter(node=OuterRef("pk")).exclude(serial="").order_by()
    return nodes.annotate(
        known_macs=ArraySubquery(macs), known_memory=ArraySubquery(memory.values("serial"))
    )


def _the_same(nodes: Sequence[Node], evidence: Evidence) -> Node | None:
    """Return the one that fits best; none where two fit equally well: then a person must say.

    The same board goes before everything else: the other parts move between machines.
    """
    board = evidence.board_serial
    fitting = [
        ((bool(board) and node.board_serial == board, verdict.score), node)
        for node, verdict in _judged(nodes, evidence)
        if verdict.same
    ]
    best = max((rank for rank, _ in fitting), default=None)
    winners = [node for rank, node in fitting if rank == best]
    return winners[0] if len(winners) == 1 else None


def _latent(nodes: Iterable[Node], forms: Sequence[str], evidence: Evidence) -> Node | None:
    """Return the machine's row among those that own no UUID: quarantined, rejected or retired.

    A row that was merged into another node is that one's history, and never a machine again.
    """
    matching = [
        (node.status == NodeStatus.QUARANTINED, verdict.score, -node.pk, node)
        for node, verdict in _judged(nodes, evidence)
        if verdict.same and node.decision != Decision.MERGED
        if node.status == NodeStatus.QUARANTINED
        or node.decision == Decision.REJECTED
        or str(node.uuid) in forms
    ]
    return max(matching)[3] if matching else None


def _nameless(
    row: Node | None, uuid: str | None, live: Sequence[Node], evidence: Evidence
) -> Recognition:
    words = f"The UUID {uuid} is on many machines." if uuid else "The machine has no UUID."
    issue = identity.KNOWN_BAD_UUID if uuid else identity.NO_UUID
    alike = next((node for node, verdict in _judged(live, evidence) if verdict.same), None)
    if alike is not None:
        words += f" Its parts are those of node {alike.pk} ({alike})."
    return Recognition(row, alike, words, issue)


def _clash(row: Node | None, owners: Sequence[Node], evidence: Evidence) -> Recognition | None:
    for owner, verdict in _judged(owners, evidence):
        why = "and this is another machine"
        against = verdict.against
        if verdict.same:
            why, against = "and this machine fits more than one node", "its parts are of several"
        words = f"The UUID {owner.uuid} belongs to node {owner.pk} ({owner}), {why}: {against}."
        return Recognition(row, owner, words, identity.UUID_OF_ANOTHER)
    return None


def _moved(row: Node | None, others: Sequence[Node], evidence: Evidence) -> Recognition:
    """Quarantine a machine whose UUID nobody has, but whose parts are a node's."""
    for node, verdict in _judged(others, evidence):
        if verdict.same:
            words = (
                f"It has the parts of node {node.pk} ({node}), whose UUID is {node.uuid}: "
                f"{verdict.speaking_for}."
            )
            return Recognition(row, node, words, identity.UUID_CHANGED)
    return Recognition(row)


def _rejected(found: Recognition) -> Recognition:
    """Quarantine a machine again that an operator rejected, also where nothing clashes by now."""
    if found.node is None or found.node.decision != Decision.REJECTED:
        return found
    told = NodeEvent.objects.filter(node=found.node, to_status=NodeStatus.RETIRED).first()
    when = f" at {told.at:%Y-%m-%d %H:%M} UTC: {told.message}" if told else "."
    words = f"It came again after it was turned away{when} {found.reason}".strip()
    return Recognition(found.node, found.clashes_with, words, identity.REJECTED)


def _judged(nodes: Iterable[Node], evidence: Evidence) -> list[tuple[Node, Verdict]]:
    return [(node, compare(evidence_of(node), evidence)) for node in nodes]


def _candidates(uuid: str | None, forms: Sequence[str], evidence: Evidence) -> list[int]:
    bare = uuid and not (evidence.board_serial or evidence.macs or evidence.serial)
    values: dict[str, Any] = {
        "forms": [*forms, uuid] if bare else list(forms),
        "board": evidence.board_serial,
        "macs": sorted(evidence.macs),
        "serial": "" if evidence.board_serial else evidence.serial,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CANDIDATES, values)
        return [row[0] for row in cursor.fetchall()]


def _with_evidence(ids: Sequence[int]) -> QuerySet[Node]:
    """Lock them, always in one order, so that two machines never wait for each other."""
    rows = Node.objects.filter(pk__in=ids).order_by("pk")
    return with_evidence(rows.select_for_update(of=("self",), no_key=True))


def _lock(uuid: str | None, evidence: Evidence) -> None:
    name = min(uuid, swapped_uuid(uuid)) if uuid else repr((evidence.build, sorted(evidence.macs)))
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
