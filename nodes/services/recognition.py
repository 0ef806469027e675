"""Which row, if any, is the machine that says who it is."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import OuterRef, Q, QuerySet

from bearman.lib.issues import Issue, identity
from nodes.identity import Evidence, Verdict, compare, telling_macs
from nodes.models import MemoryModule, NetworkInterface, Node
from nodes.services.inventory import build_of
from nodes.states import NOT_OWNERS, NodeStatus
from nodes.uuids import is_known_bad_uuid, swapped_uuid


@dataclass(frozen=True, slots=True)
class Recognition:
    """The machine's row, if it has one; and why it must be quarantined, if it must."""

    node: Node | None
    clashes_with: Node | None = None
    reason: str = ""
    issue: Issue | None = None


def recognise(*, uuid: str | None, evidence: Evidence) -> Recognition:
    """Find the machine by its UUID and judge by its parts whether it is the same one.

    Takes a lock on the identity until the transaction ends, so that two newcomers with one UUID
    come one after the other.
    """
    _lock(uuid, evidence)
    if uuid is None or is_known_bad_uuid(uuid):
        words = f"The UUID {uuid} is on many machines." if uuid else "The machine has no UUID."
        issue = identity.KNOWN_BAD_UUID if uuid else identity.NO_UUID
        return Recognition(_same(_nameless(uuid, evidence), evidence), None, words, issue)
    forms = (uuid, swapped_uuid(uuid))
    if not _is_known(*forms):
        return Recognition(None)
    known = list(_with_evidence(Node.objects.filter(uuid__in=forms)))
    owners = [node for node in known if node.status not in NOT_OWNERS]
    owners.sort(key=lambda node: str(node.uuid) != uuid)
    if not owners:
        return Recognition(_same(known, evidence))
    verdicts = [(node, compare(evidence_of(node), evidence)) for node in owners]
    for node, verdict in verdicts:
        if verdict.same:
            return Recognition(node)
    others = _same([node for node in known if node not in owners], evidence)
    return _clash(others, *verdicts[0])


def evidence_of(node: Node) -> Evidence:
    """Return what is known of a node whose parts `_with_evidence` has fetched."""
    return Evidence(
        serial=node.serial,
        board_serial=node.board_serial,
        macs=telling_macs(getattr(node, "known_macs", ())),
        memory_serials=frozenset(getattr(node, "known_memory", ())),
        build=build_of(
            node.vendor, node.product_name, node.board_product, node.cpu_model, node.memory_bytes
        ),
    )


def _clash(newcomer: Node | None, owner: Node, verdict: Verdict) -> Recognition:
    return Recognition(
        newcomer,
        owner,
        f"The UUID {owner.uuid} belongs to node {owner.pk} ({owner}), and this is another machine: "
        f"{verdict.against}.",
        identity.UUID_OF_ANOTHER,
    )


def _same(candidates: Iterable[Node], evidence: Evidence) -> Node | None:
    verdicts = ((compare(evidence_of(node), evidence), node) for node in candidates)
    matching = [(verdict.score, -node.pk, node) for verdict, node in verdicts if verdict.same]
    return max(matching)[2] if matching else None


def _nameless(uuid: str | None, evidence: Evidence) -> QuerySet[Node]:
    """Return quarantined machines that share a part with this one, or its whole build."""
    sharing = NetworkInterface.objects.filter(mac__in=evidence.macs).values("node")
    parts = Q(pk__in=sharing)
    if evidence.board_serial:
        parts |= Q(board_serial=evidence.board_serial)
    if evidence.serial:
        parts |= Q(serial=evidence.serial)
    if not (evidence.macs or evidence.board_serial or evidence.serial):
        parts = Q(uuid=uuid)
    return _with_evidence(Node.objects.filter(parts, status=NodeStatus.QUARANTINED))


def _with_evidence(nodes: QuerySet[Node]) -> QuerySet[Node]:
    macs = NetworkInterface.objects.filter(node=OuterRef("pk")).order_by().values("mac")
    memory = MemoryModule.objects.filter(node=OuterRef("pk")).exclude(serial="").order_by()
    return nodes.select_for_update(of=("self",), no_key=True).annotate(
        known_macs=ArraySubquery(macs), known_memory=ArraySubquery(memory.values("serial"))
    )


def _is_known(uuid: str, swapped: str) -> bool:
    """Tell the newcomers, whom a round of machines is made of, without fetching any evidence."""
    with connection.cursor() as cursor:
        # Not EXISTS: PostgreSQL would read a small table instead of its index, and go on to do so.
        cursor.execute(
            "SELECT count(*) FROM nodes_node WHERE uuid IN (%s::uuid, %s::uuid)", [uuid, swapped]
        )
        return bool(cursor.fetchone()[0])


def _lock(uuid: str | None, evidence: Evidence) -> None:
    name = min(uuid, swapped_uuid(uuid)) if uuid else repr((evidence.build, sorted(evidence.macs)))
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
