"""Machines that share a UUID register at the same moment, in every order."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from pytest_django import Settings

from bearman.lib.network import networks
from nodes.models import Bmc, Node
from nodes.services.desk import node_own
from nodes.states import NodeStatus
from tests.nodes.desk_rig import BAD, CLONED, registered, site_make
from tests.samples import Machine

THREADS = 6


def together(machines: list[Machine]) -> list[int]:
    """Register all at once, and return their rows."""

    def one(machine: Machine) -> int:
        try:
            return registered(machine).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(one, machines))


@pytest.mark.parametrize("uuid", [CLONED, BAD])
def test_each_of_many_machines_with_one_uuid_keeps_its_own_row_and_address(
    transactional_db: None, settings: Settings, uuid: str
) -> None:
    settings.ENROLMENT_NETWORKS = networks(["127.0.0.0/8"])
    site_make()
    machines = [Machine(number, uuid=uuid) for number in range(1, 7)]
    rows = together(machines)
    assert len(set(rows)) == len(machines)
    for pk in Node.objects.filter(status=NodeStatus.QUARANTINED).values_list("pk", flat=True):
        node_own(node=Node(pk=pk), actor="olga")
    order = random.Random(7)
    for _ in range(3):
        mixed = list(zip(machines, rows, strict=True))
        order.shuffle(mixed)
        assert together([machine for machine, _ in mixed]) == [row for _, row in mixed]
    assert Bmc.objects.count() == len(set(Bmc.objects.values_list("address", flat=True))) == 6
    assert set(Node.objects.values_list("status", flat=True)) == {NodeStatus.REGISTERING}
