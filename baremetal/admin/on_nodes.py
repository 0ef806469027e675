"""What deployments add to the pages on nodes: a verb, a card, and who has which issue."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from baremetal import overview
from baremetal.admin.permissions import ADD, VIEW
from nodes.admin import cards, issues, verbs
from nodes.admin.issues import Source
from nodes.admin.verbs import Verb
from nodes.models import Node
from nodes.states import NodeStatus

DEPLOY = Verb(
    name="deploy",
    label="Deploy",
    symbol="rocket_launch",
    offered=lambda node: node.status == NodeStatus.READY,
    page="admin:baremetal_baremetal_deploy",
    permission=ADD,
)


def register() -> None:
    """Add them."""
    verbs.register(DEPLOY, first=True)
    page = "admin:baremetal_baremetal_changelist"
    issues.register(Source("deployment", page, VIEW, overview.issue_counts))
    cards.register("baremetal/admin/node_card.html", node_card)


def node_card(request: HttpRequest, node: Node) -> dict[str, Any] | None:
    """Return what is on a node and what was; None for who may not see deployments."""
    if not request.user.has_perm(VIEW):
        return None
    now, before = overview.of_node(node)
    may_deploy = node.status == NodeStatus.READY and request.user.has_perm(ADD)
    return {"row": now, "history": before, "may_deploy": may_deploy}
