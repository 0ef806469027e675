"""What a change of the list of expected machines means for nodes that are there already."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Upper

from nodes.expected.compare import serial_key
from nodes.models import AvailabilityZone, ExpectedMachine, Node
from nodes.services.placement import node_place
from nodes.services.status import SYSTEM
from nodes.states import NOT_OWNERS
from profiles.models import Flavor

WHY = "By the list of expected machines"
MOST_RELINKED = 500  # entries that one look takes; the next goes on


@dataclass(frozen=True, slots=True)
class Listing:
    """Where the list puts a machine, and as what."""

    zone: AvailabilityZone | None = None
    flavor: Flavor | None = None
    place: tuple[str, int | None] = ("", None)


NOWHERE = Listing()


def listing_of(row: ExpectedMachine) -> Listing:
    """Return what an entry says."""
    return Listing(row.zone, row.flavor, (row.rack, row.unit))


def arrived_lock(*, keys: Sequence[int], serials: Sequence[str]) -> None:
    """Lock the nodes of these entries, before the entries: in this order registrations lock.

    Also those that `listed_link` may give to entries with these serial numbers.
    """
    nodes = Node.objects.annotate(serial_key=Upper("serial"))
    wanted = Q(expected__pk__in=keys) | Q(
        serial_key__in=[serial_key(each) for each in serials], expected=None
    )
    rows = nodes.filter(wanted).select_for_update(of=("self",), no_key=True)
    list(rows.order_by("pk").only("pk"))


def followed(*, node_id: int, before: Listing, row: ExpectedMachine, actor: str) -> bool:
    """Change a node with its entry, where nobody has set another value; true if it changed.

    What the list does not say any more stays on the node.
    """
    node = Node.objects.select_related("zone", "flavor").get(pk=node_id)
    now = listing_of(row)
    zone = now.zone if now.zone and node.zone in (None, before.zone) else node.zone
    flavor = now.flavor if now.flavor and node.flavor in (None, before.flavor) else node.flavor
    place = (node.rack, node.unit)
    if now.place[0] and place in (NOWHERE.place, before.place):
        place = now.place
    return node_place(
        node=node, zone=zone, flavor=flavor, rack=place[0], unit=place[1], actor=actor, why=WHY
    )


def listed_link(*, rows: Sequence[ExpectedMachine], actor: str) -> list[ExpectedMachine]:
    """Give entries the nodes that registered before they were listed; return those.

    By their serial number, where one node alone has it. What else the list says of them is
    compared when they register again.
    """
    waiting = {serial_key(row.serial): row for row in rows if row.node_id is None}
    found = _nodes_with(list(waiting))
    linked = []
    for key, nodes in found.items():
        if len(nodes) != 1:
            continue
        row, node = waiting[key], nodes[0]
        row.node, row.arrived_at = node, node.first_seen
        ExpectedMachine.objects.filter(pk=row.pk).update(node=node, arrived_at=node.first_seen)
        followed(node_id=node.pk, before=NOWHERE, row=row, actor=actor)
        linked.append(row)
    return linked


@transaction.atomic
def listed_relink() -> list[ExpectedMachine]:
    """Give entries the nodes that registered while they were imported; return those.

    Neither of the two could see the other then.
    """
    nodes = Node.objects.annotate(serial_key=Upper("serial")).filter(expected=None)
    serials = nodes.exclude(status__in=NOT_OWNERS).exclude(serial="").values("serial_key")
    waiting = ExpectedMachine.objects.annotate(serial_key=Upper("serial")).filter(
        node=None, serial_key__in=serials
    )
    keys = list(waiting.values_list("pk", "serial").order_by("pk")[:MOST_RELINKED])
    if not keys:
        return []
    arrived_lock(keys=[], serials=[serial for _, serial in keys])
    rows = ExpectedMachine.objects.select_for_update(of=("self",)).filter(node=None)
    rows = rows.select_related("zone", "flavor").filter(pk__in=[pk for pk, _ in keys])
    return listed_link(rows=list(rows.order_by("pk")), actor=SYSTEM)


def _nodes_with(keys: Sequence[str]) -> dict[str, list[Node]]:
    """Return the live nodes with these serial numbers that are no expected machine yet."""
    nodes = Node.objects.annotate(serial_key=Upper("serial")).filter(
        serial_key__in=keys, expected=None
    )
    found: dict[str, list[Node]] = {}
    for node in nodes.exclude(status__in=NOT_OWNERS).order_by("pk"):
        found.setdefault(serial_key(node.serial), []).append(node)
    return found
