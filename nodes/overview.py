"""Reads that only pages for people need: each of them in a fixed number of queries."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Count, Prefetch, QuerySet
from django.utils import timezone

from nodes.models import (
    AvailabilityZone,
    Disk,
    EnrolmentWindow,
    MemoryModule,
    NetworkInterface,
    Node,
    NodeEvent,
    Processor,
    RawInventory,
)
from nodes.selectors import node_events, nodes_with_names
from nodes.states import NodeStatus

TIME_LINE = 200  # events on a node's page; the rest is a click away


@dataclass(frozen=True, slots=True)
class NodeDetails:
    """What a node's page shows besides the row itself."""

    interfaces: list[NetworkInterface]
    disks: list[Disk]
    memory_modules: list[MemoryModule]
    processors: list[Processor]
    events: list[NodeEvent]
    has_more_events: bool
    has_raw_inventory: bool
    claimants: list[Node]

    @property
    def disk_bytes(self) -> int:
        """Return the size of all disks in bytes."""
        return sum(disk.size_bytes for disk in self.disks)


def listed_nodes() -> QuerySet[Node]:
    """Return all nodes with what a row or a page shows; the secrets stay in the database."""
    return nodes_with_names().defer("bmc__password", "bmc__pending_password")


def node_details(node: Node) -> NodeDetails:
    """Return a node's parts, its latest events, and who else claims its UUID."""
    events = node_events(node_id=node.pk, limit=TIME_LINE + 1)
    return NodeDetails(
        interfaces=list(node.interfaces.all()),
        disks=list(node.disks.all()),
        memory_modules=list(node.memory_modules.all()),
        processors=list(node.processors.all()),
        events=events[:TIME_LINE],
        has_more_events=len(events) > TIME_LINE,
        has_raw_inventory=RawInventory.objects.filter(pk=node.pk).exists(),
        claimants=list(Node.objects.filter(clashes_with=node, status=NodeStatus.QUARANTINED)[:20]),
    )


def with_parts(node_id: int) -> Node | None:
    """Return a node with the parts by which machines are told apart; None if it is gone."""
    parts = (
        Prefetch("interfaces", NetworkInterface.objects.order_by("mac")),
        Prefetch("memory_modules", MemoryModule.objects.order_by("serial")),
        Prefetch("disks", Disk.objects.order_by("serial")),
        "links",
    )
    return listed_nodes().prefetch_related(*parts).filter(pk=node_id).first()


def status_counts() -> dict[NodeStatus, int]:
    """Return how many nodes each status has, in the order of the states' table."""
    rows = Node.objects.order_by().values_list("status").annotate(Count("pk"))
    found: dict[str, int] = dict(rows)
    return {status: found.get(status, 0) for status in NodeStatus}


def latest_failures(limit: int) -> list[Node]:
    """Return the nodes that failed to register and were heard of last."""
    failed = listed_nodes().filter(status=NodeStatus.REGISTER_FAILED)
    return list(failed.order_by("-last_seen")[:limit])


def latest_events(limit: int) -> list[NodeEvent]:
    """Return the newest events of all nodes."""
    return list(NodeEvent.objects.select_related("node").order_by("-id")[:limit])


def enrolment_now() -> dict[str, Any]:
    """Return what enrolment is open for now: by the setting, and by windows."""
    now = timezone.now()
    windows = EnrolmentWindow.objects.filter(opens_at__lte=now, closes_at__gt=now)
    return {
        "always_open": [str(network) for network in settings.ENROLMENT_NETWORKS],
        "open_windows": list(windows.order_by("closes_at")[:20]),
    }


def first_steps() -> dict[str, Any]:
    """Return what a new installation still lacks before the first machine can register."""
    return {
        "ipxe": f"{settings.BOOT_URL}/ipxe/<uuid>",
        "has_zone": AvailabilityZone.objects.exists(),
        **enrolment_now(),
    }
