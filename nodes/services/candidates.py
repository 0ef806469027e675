"""Which nodes a machine in quarantine may be, by the parts that they share."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from nodes.identity import Verdict, compare
from nodes.models import Node
from nodes.selectors import nodes_with_names
from nodes.services.recognition import evidence_of, with_evidence
from nodes.states import NOT_OWNERS, Decision, NodeStatus

MOST = 5  # nodes that are worth offering for one machine
PAIRS = 2000  # that are looked at for a page: a serial that a vendor left alike is on thousands

_SHARING = """
SELECT one.id, two.id FROM nodes_node AS one
JOIN nodes_node AS two ON two.board_serial = one.board_serial
WHERE one.id = ANY(%(ids)s) AND one.board_serial <> ''
UNION SELECT one.id, two.id FROM nodes_node AS one
JOIN nodes_node AS two ON two.serial = one.serial
WHERE one.id = ANY(%(ids)s) AND one.serial <> ''
UNION SELECT one.node_id, two.node_id FROM nodes_networkinterface AS one
JOIN nodes_networkinterface AS two ON two.mac = one.mac
WHERE one.node_id = ANY(%(ids)s)
UNION SELECT one.node_id, two.node_id FROM nodes_memorymodule AS one
JOIN nodes_memorymodule AS two ON two.serial = one.serial
WHERE one.node_id = ANY(%(ids)s) AND one.serial <> ''
LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A node that the machine may be, and what speaks for and against it."""

    node: Node
    verdict: Verdict

    @property
    def may_merge(self) -> bool:
        """Say whether the machine can be merged into it as it is."""
        return self.node.status not in NOT_OWNERS


def candidates_of(*, nodes: Sequence[Node]) -> dict[int, list[Candidate]]:
    """Return for each of some machines the nodes that it may be, best first; in three queries.

    The node that it clashes with is among them in any case.
    """
    pairs = _sharing([node.pk for node in nodes])
    for node in nodes:
        if node.clashes_with_id:
            pairs[node.pk].add(node.clashes_with_id)
    ids = {node.pk for node in nodes}.union(*pairs.values())
    known = {node.pk: node for node in with_evidence(nodes_with_names().filter(pk__in=ids))}
    return {node.pk: _judged(node, pairs[node.pk], known) for node in nodes}


def _judged(node: Node, ids: set[int], known: dict[int, Node]) -> list[Candidate]:
    if node.pk not in known:
        return []
    evidence = evidence_of(known[node.pk])
    others = [known[pk] for pk in ids if pk in known and _is_one(known[pk])]
    found = [Candidate(other, compare(evidence_of(other), evidence)) for other in others]
    found.sort(key=lambda each: (not each.may_merge, -each.verdict.score, each.node.pk))
    clash = [each for each in found if each.node.pk == node.clashes_with_id]
    best = found[:MOST]
    return best if all(each in best for each in clash) else [*best[: MOST - 1], *clash]


def _is_one(node: Node) -> bool:
    """Say whether a row stands for a machine of its own: the rest waits, or is another's past."""
    return node.status != NodeStatus.QUARANTINED and node.decision != Decision.MERGED


def _sharing(ids: Sequence[int]) -> defaultdict[int, set[int]]:
    found: defaultdict[int, set[int]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(_SHARING, {"ids": list(ids), "most": PAIRS})
        for one, two in cursor.fetchall():
            if one != two:
                found[one].add(two)
    return found
