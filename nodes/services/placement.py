"""What an operator says about a machine that it cannot say itself: its zone and its flavor."""

from django.db import transaction

from bearman.lib.errors import NotFound
from nodes.models import AvailabilityZone, EventKind, Node
from nodes.services.status import event_add
from profiles.models import Flavor


@transaction.atomic
def node_place(
    *, node: Node, zone: AvailabilityZone | None, flavor: Flavor | None, actor: str
) -> bool:
    """Set a node's zone and flavor, with an event; false if both were so. Raises NotFound.

    An address that its BMC has stays until the machine registers again.
    """
    rows = Node.objects.select_for_update(of=("self",), no_key=True)
    row = rows.select_related("zone", "flavor").filter(pk=node.pk).first()
    if row is None:
        raise NotFound(f"There is no node {node.pk}.")
    changes = [
        f"{name} {old or 'none'} became {new or 'none'}"
        for name, old, new in (("Zone", row.zone, zone), ("Flavor", row.flavor, flavor))
        if old != new
    ]
    if not changes:
        return False
    Node.objects.filter(pk=row.pk).update(zone=zone, flavor=flavor)
    words = f"{'; '.join(changes)}."
    event_add(node_id=row.pk, kind=EventKind.OPERATOR, actor=actor, message=words)
    return True
