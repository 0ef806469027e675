"""What is told of machines, deployments and pools: through the services that fail them."""

import pytest
from django.db import transaction

from baremetal.services.deploy import baremetal_deploy
from baremetal.services.retry import give_up
from baremetal.services.status import baremetal_move
from baremetal.states import BaremetalState
from bearman.lib.errors import Conflict
from bearman.lib.issues import addresses, identity
from bearman.notices.facts import Facts, Group
from bearman.notices.models import Trouble
from bearman.notices.services.troubles import trouble_open
from bearman.notices.states import Outcome
from ipman.models import Pool
from ipman.services import address_allocate, address_release, pool_save
from ipman.services.alerts import pool_alerts_raise
from nodes.services.status import node_move
from nodes.states import NodeStatus
from profiles.models import Profile
from simulator.bmc.fleet import BmcFleet
from simulator.slack import SlackStandIn
from tests.baremetal.rig import ready
from tests.notices.rig import deliver, fail, heads, registering, replies
from tests.samples import Machine
from tests.servers import Door

pytestmark = pytest.mark.django_db


@pytest.mark.issue("ID-003")
def test_a_machine_that_is_quarantined_is_told(slack: SlackStandIn, door: Door) -> None:
    one = Machine(1)
    door.register(one)
    clone = Machine(2, uuid=one.uuid)
    door.register(clone)
    deliver()
    (text,) = heads(slack)
    assert f"{identity.UUID_OF_ANOTHER}" in text
    assert "is quarantined in step register." in text
    assert clone.serial in text


@pytest.mark.issue("ADDR-002")
def test_a_registration_without_a_pool_is_told_once_with_its_zone(
    slack: SlackStandIn, door: Door
) -> None:
    Pool.objects.all().delete()
    for number in (1, 2):
        with pytest.raises(Exception, match="pool"):
            door.register(Machine(number))
    deliver()
    (text,) = heads(slack)
    assert f"{addresses.NO_POOL}: 2 nodes, pools of zone z1" in text


def test_what_is_rolled_back_is_not_told(slack: SlackStandIn) -> None:
    node = registering()

    def fail_in_a_transaction_that_ends_otherwise() -> None:
        with transaction.atomic():
            fail(node)
            node_move(node_id=node.pk, to=NodeStatus.IN_USE)

    with pytest.raises(Conflict):
        fail_in_a_transaction_that_ends_otherwise()
    assert not Trouble.objects.exists()


@pytest.mark.issue("ADDR-003", "ADDR-006")
def test_a_pool_that_runs_dry_is_told_and_resolved(slack: SlackStandIn) -> None:
    pool_save(pool=_pool("z1", 5))
    for number in range(4):
        address_allocate(zone="z1", purpose="ipmi", owner=f"node:{number}")
    pool_alerts_raise()
    pool_alerts_raise()
    deliver()
    (text,) = heads(slack)
    assert f"{addresses.POOL_NEARLY_FULL}" in text
    assert "Pool z1 has 1 of 5 addresses left." in text
    address_allocate(zone="z1", purpose="ipmi", owner="node:9")
    pool_alerts_raise()
    deliver()
    assert f"{addresses.POOL_EXHAUSTED}" in heads(slack)[1]
    for number in (0, 1, 9):
        address_release(owner=f"node:{number}")
    pool_alerts_raise()
    deliver()
    assert all("Resolved: " in text for text in heads(slack))
    assert len(replies(slack)) == 2


def test_a_deployment_that_is_given_up_is_told_and_resolved_once_it_calls_back(
    room: Profile, fleet: BmcFleet, slack: SlackStandIn
) -> None:
    node = ready(fleet, 1).node
    row = baremetal_deploy(node=node, profile=room, hostname="web-1", actor="olga")
    give_up(row=row, reason="It was switched on, and did not ask what to boot.")
    deliver()
    (text,) = heads(slack)
    assert "web-1 could not be deployed as web" in text
    assert "did not ask what to boot" in text
    assert f"/admin/baremetal/baremetal/{row.pk}/change/" in text
    row.refresh_from_db()
    baremetal_move(row=row, to=BaremetalState.INSTALLED, message="It called back.")
    deliver()
    assert "web-1: it is INSTALLED." in replies(slack)[0]


def test_a_second_trouble_of_one_subject_never_stops_what_it_tells_of(slack: SlackStandIn) -> None:
    group, facts = Group("BMC-001", "node", "zone az1"), Facts("m", "BMC-001", "Silent")
    trouble_open(subject="node:1", group=group, facts=facts)
    trouble_open(subject="node:1", group=group, facts=facts)
    trouble_open(subject="node:1", group=Group("BMC-002", "node"), facts=facts)
    assert Trouble.objects.count() == 2
    assert Trouble.objects.filter(outcome=Outcome.OTHER).count() == 1


def _pool(zone: str, addresses_: int) -> Pool:
    return Pool(
        name=zone,
        zone=zone,
        purpose="ipmi",
        first="127.45.0.1",
        last=f"127.45.0.{addresses_}",
        prefix_length=24,
        alert_percent=80,
        rest_seconds=0,
    )
