"""What the checks found of a node, and whether that ends its registration."""

from collections.abc import Sequence

from django.db import transaction

from bearman.lib.errors import Conflict
from bearman.lib.issues import ORDER, Found, Severity, issue_or_none
from nodes.models import Finding, FindingSource, Node
from nodes.services.fitness import node_require_fit
from profiles.models import StopsAt

MAX_FINDINGS = 200  # of one check; a node with more has one fault that shows in each of them


def findings_replace(*, node_id: int, source: FindingSource, found: Sequence[Found]) -> None:
    """Replace what the last check of this kind found by what it finds now."""
    rows = [
        Finding(
            node_id=node_id,
            source=source,
            issue=each.issue.code,
            severity=each.issue.severity,
            subject=each.subject[:100],
            message=each.message[:1000],
            advice=each.what_to_do[:1000],
        )
        for each in worst_first(found)[:MAX_FINDINGS]
    ]
    with transaction.atomic():
        Finding.objects.filter(node_id=node_id, source=source).delete()
        Finding.objects.bulk_create(rows, ignore_conflicts=True)


def worst_first(found: Sequence[Found]) -> list[Found]:
    """Return the findings with errors first; those of one severity stay in their order."""
    return sorted(found, key=lambda each: ORDER.index(each.issue.severity))


def stopping(*, node: Node, found: Sequence[Found]) -> list[Found]:
    """Return those findings that end a registration, as the node's flavor says; worst first."""
    stops = _severities(node)
    return [each for each in worst_first(found) if each.issue.severity in stops]


def findings_refuse(*, node: Node) -> None:
    """Raise Conflict where a check of this registration, or of the one before, has ended it.

    Also where the node is not what its flavor demands.
    """
    node_require_fit(node=node)
    ended_by = Finding.objects.filter(node=node, severity__in=_severities(node)).first()
    if ended_by is not None:
        raise Conflict(
            f"The {ended_by.source} check has not passed: {ended_by.message}",
            advice=ended_by.advice,
            issue=issue_or_none(ended_by.issue),
        )


def _severities(node: Node) -> Sequence[Severity]:
    """Return the severities that end a registration of the node."""
    stops_at = node.flavor.stops_at if node.flavor else StopsAt.ERROR
    return () if stops_at == StopsAt.NEVER else ORDER[: ORDER.index(Severity(stops_at)) + 1]


def in_words(found: Sequence[Found], limit: int = 1000) -> str:
    """Return the findings as one text of at most `limit` characters that says how many are left."""
    words = ""
    for number, each in enumerate(found):
        more = f" And {len(found) - number} more."
        if len(words) + len(each.message) + len(more) + 1 > limit:
            return f"{words}{more}"[:limit].strip() if words else each.message[:limit]
        words = f"{words} {each.message}".strip()
    return words
