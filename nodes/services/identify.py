"""The identify light, asked for by a person who does not wait for the BMC."""

from procrastinate.contrib.django import app

from bearman.lib.errors import Conflict
from nodes.models import Bmc, Node

TASK = "nodes.tasks.identify"  # by its name: services know nothing of tasks


def identify_ask(*, node: Node, on: bool, actor: str) -> None:
    """Have the worker switch the identify light; raises Conflict for a BMC not proven yet.

    The lock keeps the tasks on one BMC in their order.
    """
    bmc = Bmc.objects.filter(node=node, address__isnull=False, password__isnull=False).first()
    if bmc is None:
        raise Conflict(
            f"The BMC of node {node.pk} has no proven address and credential.",
            advice="Let the machine register first.",
        )
    task = app.configure_task(TASK, lock=f"bmc:{bmc.pk}")
    task.defer(bmc_id=bmc.pk, on=on, actor=actor)
