"""What Bearman noted of all machines, in the order in which it happened."""

from protos.bearman.v1 import baremetal_pb2, nodes_pb2
from simulator.operator_view import OperatorView


def timeline(operator: OperatorView) -> str:
    """Return the latest events of all nodes and of their deployments, a line each (UTC)."""
    lines = []
    deployments = operator.baremetals()
    for node_id, node in operator.nodes().items():
        who = node.serial or node.uuid
        lines += [_line(f"{who} node", event) for event in operator.node(node_id).events]
        if row := deployments.get(node_id):
            lines += [_line(f"{who} deployment", event) for event in operator.events(row.id)]
    return "".join(f"{line}\n" for line in sorted(lines))


def _line(who: str, event: nodes_pb2.NodeEvent | baremetal_pb2.BaremetalEvent) -> str:
    at = event.at.ToDatetime().isoformat(timespec="milliseconds")
    words = (at, who, event.actor, event.kind, event.step, event.issue, event.message)
    return "  ".join(word for word in words if word)
