"""The identify light of machines that failed without being able to switch it on themselves."""

from contextlib import suppress

from bearman.lib.errors import Conflict
from nodes.models import Node, PowerRequest
from nodes.power import PowerAction
from nodes.services.power import power_ask
from nodes.services.status import SYSTEM

LIGHT = (PowerAction.IDENTIFY_ON, PowerAction.IDENTIFY_OFF)


def light_on(*, node_id: int) -> None:
    """Have the worker light up a machine that fell silent, if its BMC has a proven credential."""
    _ask(node_id, PowerAction.IDENTIFY_ON)


def light_off(*, node_id: int) -> None:
    """Have the worker darken a machine that came good, if it was Bearman that lit it up."""
    asked = PowerRequest.objects.filter(node_id=node_id, action__in=LIGHT).order_by("-pk").first()
    if asked and (asked.action, asked.actor) == (PowerAction.IDENTIFY_ON, SYSTEM):
        _ask(node_id, PowerAction.IDENTIFY_OFF)


def _ask(node_id: int, action: PowerAction) -> None:
    node = Node.objects.defer("searched").get(pk=node_id)
    with suppress(Conflict):  # there is no BMC that can be asked
        power_ask(nodes=[node], action=action, actor=SYSTEM)
