"""The card on a node's page with all that its last checks found."""

from typing import Any

from django.http import HttpRequest

from nodes.admin import cards
from nodes.models import Node
from nodes.selectors import node_findings


def findings_card(request: HttpRequest, node: Node) -> dict[str, Any] | None:
    """Return the findings, the worst first; None where there are none."""
    found = node_findings(node_id=node.pk)
    return {"findings": found} if found else None


cards.register("nodes/admin/node_findings.html", findings_card, wide=True)
