"""A site on loopback, and machines that register as the door does it."""

from collections.abc import Callable

import pytest
from pytest_django import Settings

from bearman.lib.network import networks
from ipman.models import Pool
from ipman.services import pool_save
from nodes.models import AvailabilityZone, Node
from nodes.services.boot import boot_ask, boot_caller
from nodes.services.expected_import import ImportPlan, expected_import
from nodes.services.inventory import RawOutputs
from nodes.services.registration import node_register
from nodes.services.zones import zone_ensure
from tests.samples import Machine

SOURCE = "127.0.0.1"
Register = Callable[[Machine], Node]
Import = Callable[[str], ImportPlan]


@pytest.fixture
def zone(db: None, settings: Settings) -> AvailabilityZone:
    """Zone z1 with IPMI addresses; unknown machines may enrol."""
    settings.ENROLMENT_NETWORKS = networks(["127.0.0.0/8"])
    zone, _ = zone_ensure(name="z1", networks=["127.0.0.0/8"])
    pool_save(
        pool=Pool(
            name="p",
            zone="z1",
            purpose="ipmi",
            first="10.0.0.10",
            last="10.0.0.99",
            prefix_length=24,
        )
    )
    return zone


@pytest.fixture
def register(zone: AvailabilityZone) -> Register:
    """Register a machine; returns its node as it is then."""

    def do(machine: Machine) -> Node:
        token = boot_ask(uuid=machine.uuid, source=SOURCE).token
        assert token
        caller = boot_caller(token=token, uuid=machine.uuid, source=SOURCE)
        raw = RawOutputs(machine.dmidecode(), machine.lsblk(), machine.ip_link(), {})
        done = node_register(caller=caller, raw=raw, address=SOURCE, source=SOURCE)
        return Node.objects.get(pk=done.node.pk)

    return do


@pytest.fixture
def imported(zone: AvailabilityZone) -> Import:
    """Import a list."""
    return lambda text: expected_import(data=text.encode(), actor="olga")
