"""Nodes as examples for the pages on profiles, which know no nodes themselves."""

from baremetal.models import Baremetal
from baremetal.selectors import live_of_node
from baremetal.services.facts import facts_again, facts_of
from nodes.models import Node
from nodes.states import NodeStatus
from profiles import examples
from profiles.facts import Facts, example


def example_nodes(most: int) -> list[tuple[int, str]]:
    """Return up to `most` nodes that are free or in use, free and new ones first."""
    statuses = (NodeStatus.READY, NodeStatus.IN_USE)
    nodes = Node.objects.filter(status__in=statuses).defer("searched")
    return [(node.pk, str(node)) for node in nodes.order_by("-status", "-pk")[:most]]


def example_facts(node_id: int) -> tuple[str, Facts] | None:
    """Return a node's name and facts: those of its deployment, or else with invented addresses.

    None where there is no such node; raises Invalid where it cannot be deployed as it is.
    """
    node = Node.objects.select_related("flavor", "zone").filter(pk=node_id).first()
    if node is None:
        return None
    row = live_of_node(node_id)
    if row is not None and "facts" in row.spec:
        return _named(node, row), facts_again(row)
    facts = facts_of(
        node=node,
        hostname=row.hostname if row else f"node-{node.pk}",
        addresses=example().addresses,
        ssh_keys=row.ssh_keys if row else (),
        baremetal_id=str(row.pk) if row else "0",
    )
    return _named(node, row), facts


def register() -> None:
    """Make them known to the pages on profiles."""
    examples.register(examples.Source(example_nodes, example_facts))


def _named(node: Node, row: Baremetal | None) -> str:
    return f"{node} ({row.hostname})" if row else f"{node} (its addresses are invented)"
