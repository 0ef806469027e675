"""Machines that register through the services, as the doors have them do."""

import pytest
from pytest_django import Settings

from bearman.lib.network import networks
from ipman.models import Pool
from ipman.services import pool_save
from nodes.models import Node
from nodes.services.boot import boot_ask, boot_caller
from nodes.services.inventory import RawOutputs
from nodes.services.registration import node_register
from nodes.services.zones import zone_ensure
from nodes.states import NodeStatus
from tests.samples import Machine

SOURCE = "127.0.0.1"
CLONED = Machine(900).uuid
BAD = "03000200-0400-0500-0006-000700080009"


@pytest.fixture
def site(db: None, settings: Settings) -> None:
    """Enrolment is open on loopback, and a zone has addresses for BMCs."""
    settings.ENROLMENT_NETWORKS = networks(["127.0.0.0/8"])
    site_make()


def site_make() -> None:
    """Make the zone and its pool."""
    zone_ensure(name="z1", networks=["127.0.0.0/8"])
    pool_save(
        pool=Pool(
            name="p",
            zone="z1",
            purpose="ipmi",
            first="10.0.0.10",
            last="10.0.3.250",
            prefix_length=16,
        )
    )


def registered(machine: Machine, *, mac: str | None = None) -> Node:
    """Register a machine; it boots from its first interface unless `mac` says otherwise."""
    asked = machine.macs[0] if mac is None else mac
    token = boot_ask(uuid=machine.uuid, source=SOURCE, mac=asked).token
    assert token, "it was given nothing to boot"
    caller = boot_caller(token=token, uuid=machine.uuid, source=SOURCE)
    raw = RawOutputs(machine.dmidecode(), machine.lsblk(), machine.ip_link(), {})
    return node_register(caller=caller, raw=raw, address=SOURCE, source=SOURCE).node


def now(node: Node) -> Node:
    """The row as it is now."""
    return Node.objects.get(pk=node.pk)


def status_of(node: Node) -> NodeStatus:
    """Its status now."""
    return NodeStatus(now(node).status)
