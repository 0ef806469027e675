"""The first page: what needs a person, and what is going on."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from ipman.selectors import pool_usages
from nodes import overview
from nodes.labels import tone_of
from nodes.states import MEANINGS, NodeStatus

FAILURES, EVENTS, POOLS = 10, 15, 10


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add to the context of the Admin's index what the operator may see (django-unfold's hook)."""
    may_see_nodes = request.user.has_perm("nodes.view_node")
    may_see_pools = request.user.has_perm("ipman.view_pool")
    return {
        **context,
        "title": "Dashboard",
        **(_nodes(request) if may_see_nodes else {}),
        **(_pools() if may_see_pools else {}),
        "may_see_nodes": may_see_nodes,
        "may_see_pools": may_see_pools,
    }


def _nodes(request: HttpRequest) -> dict[str, Any]:
    counts = overview.status_counts()
    nodes = reverse("admin:nodes_node_changelist")
    return {
        "cards": [
            (status, count, tone_of(status), MEANINGS[status], f"{nodes}?status__exact={status}")
            for status, count in counts.items()
        ],
        "has_nodes": any(counts.values()),
        "failed_count": counts[NodeStatus.REGISTER_FAILED],
        "failures": overview.latest_failures(FAILURES),
        "events": overview.latest_events(EVENTS),
    }


def _pools() -> dict[str, Any]:
    usages = pool_usages()
    nearly = sorted((u for u in usages if u.nearly_full), key=lambda u: u.free)
    return {"pools": nearly[:POOLS], "has_pools": bool(usages)}
