"""What an operator says about a machine that it cannot say itself: its place, zone and flavor."""

from django.db import transaction

from bearman.lib.errors import Invalid, NotFound
from nodes.expected.entry import MAX_RACK, MAX_UNIT, place_words
from nodes.models import AvailabilityZone, EventKind, Node
from nodes.services.status import event_add
from nodes.states import NodeStatus
from profiles.models import Flavor


@transaction.atomic
def node_place(
    *,
    node: Node,
    zone: AvailabilityZone | None,
    flavor: Flavor | None,
    rack: str,
    unit: int | None,
    actor: str,
    why: str = "",
) -> bool:
    """Set a node's zone, flavor and place, with an event; false if all were so.

    An address that its BMC has stays until the machine registers again. Raises NotFound, or
    Invalid for a place that cannot be.
    """
    rack = " ".join(rack.split())
    _require_place(rack, unit)
    rows = Node.objects.select_for_update(of=("self",), no_key=True)
    row = rows.select_related("zone", "flavor").filter(pk=node.pk).first()
    if row is None:
        raise NotFound(f"There is no node {node.pk}.")
    before, after = place_words(row.rack, row.unit), place_words(rack, unit)
    changes = [
        f"{name} {old or 'none'} became {new or 'none'}"
        for name, old, new in (
            ("zone", row.zone, zone),
            ("flavor", row.flavor, flavor),
            ("place", before, after),
        )
        if old != new
    ]
    if not changes:
        return False
    Node.objects.filter(pk=row.pk).update(zone=zone, flavor=flavor, rack=rack, unit=unit)
    words = "; ".join(changes)
    words = f"{why}: {words}." if why else f"{words[0].upper()}{words[1:]}."
    event_add(node_id=row.pk, kind=EventKind.OPERATOR, actor=actor, message=words)
    return True


def neighbour_of(*, node: Node) -> Node | None:
    """Return another node that is said to stand where this one does; None for nobody."""
    if not node.rack or node.unit is None:
        return None
    same = Node.objects.filter(rack=node.rack, unit=node.unit, zone=node.zone)
    return same.exclude(pk=node.pk).exclude(status=NodeStatus.RETIRED).order_by("pk").first()


def _require_place(rack: str, unit: int | None) -> None:
    if len(rack) > MAX_RACK or not rack.isprintable():
        raise Invalid(f"The name of a rack has at most {MAX_RACK} characters that can be printed.")
    if unit is not None and not 1 <= unit <= MAX_UNIT:
        raise Invalid(f"{unit} is no unit; units are counted from 1 to {MAX_UNIT}.")
    if unit is not None and not rack:
        raise Invalid(f"Unit {unit} needs a rack.")
