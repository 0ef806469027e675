"""Which issues there are now, and which nodes have them."""

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from nodes.models import Finding
from nodes.states import NodeStatus

_COUNTS = """
SELECT issue, count(*) FROM (
    SELECT id, issue FROM nodes_node WHERE issue <> ''
    UNION
    SELECT node_id, finding.issue FROM nodes_finding AS finding
    JOIN nodes_node AS node ON node.id = node_id WHERE node.status <> %s
) AS has GROUP BY issue
"""


def has_issue(code: str) -> Q:
    """Return the condition on Node that this failed it, or that its last checks found this."""
    found = Finding.objects.filter(node=OuterRef("pk"), issue=code)
    return Q(issue=code) | Q(Exists(found)) & ~Q(status=NodeStatus.RETIRED)


def node_counts() -> dict[str, int]:
    """Return how many nodes have each code now, in one query; codes that none has are not there."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, [NodeStatus.RETIRED.value])
        return dict(cursor.fetchall())
