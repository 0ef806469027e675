"""Two machines with one UUID, each with its own identity: both are deployed, each as itself."""

from uuid import UUID

import pytest
from django.test import Client
from pytest_django import Settings

from baremetal.services.deploy import baremetal_deploy
from bearman.lib.network import networks
from nodes.models import BootRequest, Node
from nodes.states import Decision, NodeStatus
from profiles.models import Profile
from simulator import ipxe
from simulator.bmc.fleet import BmcFleet
from tests.baremetal.rig import SEED, TOKEN, Machine, ready, work

pytestmark = pytest.mark.usefixtures("room")
MACS = {1: "b0:7b:25:00:01:00", 2: "b0:7b:25:00:02:00"}


@pytest.fixture
def twins(fleet: BmcFleet, room: Profile) -> tuple[Machine, Machine]:
    """Two READY machines with one UUID; the second has its own identity."""
    one, two = ready(fleet, 1), ready(fleet, 2)
    two.uuid = one.uuid
    Node.objects.filter(pk=two.node.pk).update(uuid=UUID(one.uuid), decision=Decision.OWN)
    two.node.refresh_from_db()
    one.query, two.query = f"?mac={MACS[1]}", f"?mac={MACS[2]}"
    return one, two


def deployed(machine: Machine, room: Profile, hostname: str) -> None:
    """Begin a deployment and have the worker switch the machine on."""
    baremetal_deploy(node=machine.node, profile=room, actor="olga", hostname=hostname)
    work()


def test_both_are_deployed_and_each_gets_its_own_name_address_and_secret(
    twins: tuple[Machine, Machine], room: Profile
) -> None:
    one, two = twins
    deployed(one, room, "web-1")
    deployed(two, room, "web-2")
    for machine in (two, one):
        machine.install()
    assert [machine.row.hostname for machine in twins] == ["web-1", "web-2"]
    assert [machine.row.state for machine in twins] == ["INSTALLED", "INSTALLED"]
    assert one.row.service_address != two.row.service_address
    for machine in twins:
        assert f'"hostname": "{machine.row.hostname}"' in machine.get("detail")[1]
    assert one.token != two.token


def test_after_a_restart_each_gets_its_own_system_again(
    twins: tuple[Machine, Machine], room: Profile
) -> None:
    for number, machine in enumerate(twins, start=1):
        deployed(machine, room, f"web-{number}")
        machine.install()
    for number, machine in enumerate(twins, start=1):
        script = machine.ipxe()
        assert f"Bearman: web-{number} with" in script
        assert SEED.search(script)


@pytest.mark.parametrize("in_use", [1, 2])
def test_while_one_is_deployed_the_other_boots_stage_one(
    twins: tuple[Machine, Machine], room: Profile, settings: Settings, in_use: int
) -> None:
    used, other = twins if in_use == 1 else twins[::-1]
    deployed(used, room, "web-1")
    used.install()
    script = other.ipxe()
    assert f"stage one for node {other.node.pk}" in script
    assert TOKEN.search(script)
    assert used.get("profile")[0] == 200, "its token and nonce are still good"


def test_ones_token_is_of_no_use_for_the_other(
    twins: tuple[Machine, Machine], room: Profile
) -> None:
    one, two = twins
    deployed(one, room, "web-1")
    deployed(two, room, "web-2")
    one.ipxe()
    two.ipxe()
    assert one.plan()["nonce"] != two.plan()["nonce"]
    one.take_seed()
    two.nonce = one.nonce
    assert two.get("profile")[0] != 200
    assert two.row.step == "kexec"


def test_who_does_not_say_which_it_is_asks_again_with_its_interface(
    twins: tuple[Machine, Machine], room: Profile, client: Client
) -> None:
    one, two = twins
    deployed(one, room, "web-1")
    before = BootRequest.objects.count()
    script = client.get(f"/ipxe/{one.uuid}").content.decode()
    assert not SEED.search(script)
    assert not TOKEN.search(script)
    assert f"several machines have the UUID {one.uuid}" in script
    run = ipxe.Interpreter(script, {"netX/mac": MACS[1]}, lambda seconds: None)
    ending = run.run()
    assert isinstance(ending, ipxe.Chain)
    assert ending.url == f"http://bearman.example:8000/ipxe/{one.uuid}?mac={MACS[1]}"
    assert BootRequest.objects.count() == before
    assert "stage one for web-1" in one.ipxe()
    assert f"stage one for node {two.node.pk}" in two.ipxe()


@pytest.mark.issue("ID-010")
@pytest.mark.parametrize("query", ["?mac=", "?mac=${netX/mac}", "?mac=nonsense"])
def test_who_cannot_say_which_it_is_is_told_what_dhcp_must_do(
    twins: tuple[Machine, Machine], room: Profile, client: Client, query: str
) -> None:
    one, _ = twins
    deployed(one, room, "web-1")
    script = client.get(f"/ipxe/{one.uuid}{query}").content.decode()
    assert "ID-010" in script
    assert f"Have DHCP send it to http://bearman.example:8000/ipxe/{one.uuid}" in script
    assert script.endswith("exit\n")
    assert one.row.step == "power_on", "nobody was taken for it"


def test_a_third_machine_with_the_uuid_comes_to_registration_and_gets_nothing_else(
    twins: tuple[Machine, Machine], room: Profile, client: Client, settings: Settings
) -> None:
    one, _ = twins
    for number, machine in enumerate(twins, start=1):
        deployed(machine, room, f"web-{number}")
        machine.install()
    settings.ENROLMENT_NETWORKS = networks(["127.0.0.0/8"])
    script = client.get(f"/ipxe/{one.uuid}?mac=0c:42:a1:00:00:09").content.decode()
    assert "stage one for a new machine" in script
    settings.ENROLMENT_NETWORKS = []
    script = client.get(f"/ipxe/{one.uuid}?mac=0c:42:a1:00:00:09").content.decode()
    assert "enrolment is closed" in script
    assert [machine.get("profile")[0] for machine in twins] == [200, 200]


def test_once_the_other_is_retired_nobody_needs_to_say_which_it_is(
    twins: tuple[Machine, Machine], room: Profile, client: Client
) -> None:
    one, two = twins
    Node.objects.filter(pk=two.node.pk).update(status=NodeStatus.RETIRED)
    deployed(one, room, "web-1")
    assert "stage one for web-1" in client.get(f"/ipxe/{one.uuid}").content.decode()
    script = client.get(f"/ipxe/{one.uuid}{two.query}").content.decode()
    assert "has nothing for this machine" in script
