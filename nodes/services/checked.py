"""Whether a machine had its cables and its firmware compared in this boot."""

from bearman.lib.errors import Conflict
from bearman.lib.issues import registration
from nodes.models import BootRequest, Node
from nodes.services.boot import BootCaller
from nodes.services.firmware import baselines_for
from nodes.wiring_plans import cables_of, place_of, plans_all, unplaced, wanted_of


def checked_require(*, node: Node, caller: BootCaller) -> None:
    """Raise Conflict where cables or firmware of the node must be compared and were not.

    A machine with boot scripts of before there were such checks would be proven without them.
    """
    boot = BootRequest.objects.filter(pk=caller.request_id).only("wiring_at", "firmware_at").first()
    left_out = []
    if (boot is None or boot.wiring_at is None) and _has_plan(node):
        left_out.append("cables")
    if (boot is None or boot.firmware_at is None) and baselines_for(node.vendor, node.product_name):
        left_out.append("firmware")
    if left_out:
        raise Conflict(
            f"Node {node.pk} ({node}) had its {' and its '.join(left_out)} not checked in this "
            "boot.",
            issue=registration.CHECK_LEFT_OUT,
        )


def _has_plan(node: Node) -> bool:
    place = place_of(node)
    return unplaced(place, wanted_of(place, plans_all(), cables_of([place]))).asks
