"""Whether a node is what its flavor demands."""

from bearman.lib.errors import Conflict
from bearman.lib.issues import registration
from nodes.models import Node
from profiles.requirements import Hardware, Requirements, shortfalls


def node_require_fit(*, node: Node) -> None:
    """Raise Conflict where the node is not what its flavor demands."""
    missing = node_shortfalls(node)
    if missing:
        raise Conflict(
            f"It is not what its flavor {node.flavor} demands: {'; '.join(missing)}.",
            issue=registration.FLAVOR_SHORTFALL,
        )


def node_shortfalls(node: Node) -> list[str]:
    """Return in words what the node lacks of what its flavor demands; empty for nothing."""
    flavor = node.flavor
    if flavor is None:
        return []
    wanted = Requirements(
        memory_gib=flavor.min_memory_gib,
        cpu_cores=flavor.min_cpu_cores,
        disks=flavor.min_disks,
        disk_gb=flavor.min_disk_gb,
        interfaces=flavor.min_interfaces,
    )
    if wanted == Requirements():
        return []
    sizes = list(node.disks.values_list("size_bytes", flat=True))
    found = Hardware(
        memory_bytes=node.memory_bytes,
        cpu_cores=node.cpu_cores,
        disks=len(sizes),
        disk_bytes=sum(sizes),
        interfaces=node.interfaces.count(),
    )
    return shortfalls(wanted, found)
