"""Nodes with BMCs that speak IPMI, and a worker to carry out what is asked of them."""

from typing import Any

from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from nodes import credentials
from nodes.models import Bmc, Node, PowerRequest
from nodes.power import PowerAction
from nodes.services.power import power_ask
from nodes.services.power_run import power_run
from nodes.states import NodeStatus
from simulator.bmc import SimulatedBmc
from tests.admin import fleet as machines
from tests.simulator.bmc.rig import PASSWORD, SLOT, USER, Rig


def make_machine(
    rig: Rig, number: int = 1, status: NodeStatus = NodeStatus.READY, **options: Any
) -> tuple[Node, SimulatedBmc]:
    """A node and its BMC, which is proven; `options` are the BMC's."""
    simulated = rig.bmc(**options)
    node = machines.make_node(number, status)
    Bmc.objects.create(
        node=node,
        address=str(simulated.lan.address),
        channel=1,
        user_slot=SLOT,
        username=USER,
        password=credentials.encrypt(PASSWORD),
    )
    return Node.objects.select_related("bmc").get(pk=node.pk), simulated


def ask(*nodes: Node, action: PowerAction, confirmed: bool = False) -> list[PowerRequest]:
    """Ask as olga; returns the rows in their order."""
    batch = power_ask(nodes=nodes, action=action, actor="olga", confirmed=confirmed)
    return list(PowerRequest.objects.filter(batch=batch).order_by("position"))


def carried_out(row: PowerRequest, most: int = 10) -> PowerRequest:
    """Run the request's task until it is over, without its pauses; returns the row as it ended."""
    for _ in range(most):
        if power_run(power_request_id=row.pk) is None:
            row.refresh_from_db()
            return row
    raise AssertionError(f"it did not end within {most} runs")


def work() -> None:
    """Do what is in the queue, with a real worker of eight threads."""
    connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]
    while ProcrastinateJob.objects.filter(status="todo").exists():
        with app.replace_connector(connector):
            app.run_worker(wait=False, concurrency=8, listen_notify=False)
