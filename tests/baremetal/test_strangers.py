"""Who may ask /ipxe in the name of a machine in use: strangers get nothing and change nothing."""

from uuid import uuid4

import pytest
from django.test import Client

from baremetal.models import BaremetalEvent
from nodes.models import AvailabilityZone, BootRequest, NetworkInterface, Node
from nodes.states import NodeStatus
from profiles.models import Profile
from simulator.bmc.fleet import BmcFleet
from tests.baremetal.rig import SEED, Machine, work
from tests.baremetal.test_late import deployed

ELSEWHERE = "203.0.113.9"  # in no zone of the tests
ITS_MACS = ("b0:7b:25:00:01:00", "b0:7b:25:00:01:01")
OTHER_MAC = "b0:7b:25:00:99:00"


@pytest.fixture
def used(fleet: BmcFleet, room: Profile) -> Machine:
    """A machine in use."""
    machine = deployed(fleet, room)
    work()
    machine.install()
    return machine


def asked(machine: Machine, source: str = "127.0.0.1", query: str = "") -> str:
    """What /ipxe says to whoever asks for this machine from `source`."""
    answer = Client(REMOTE_ADDR=source).get(f"/ipxe/{machine.uuid}{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def events(machine: Machine) -> int:
    return BaremetalEvent.objects.filter(baremetal=machine.row).count()


@pytest.mark.issue("ID-007")
def test_who_asks_from_outside_the_zone_gets_no_secret(used: Machine) -> None:
    script = asked(used, ELSEWHERE)
    assert not SEED.search(script)
    assert "203.0.113.9 is in no network of the zone of web-1 (ID-007)" in script
    assert script.endswith("exit\n")


def test_who_asks_from_outside_the_zone_does_not_disturb_a_machine_in_use(used: Machine) -> None:
    before, told = events(used), used.row.told_at
    asked(used, ELSEWHERE)
    assert used.get("profile")[0] == 200, "its token and nonce are still good"
    assert (events(used), used.row.told_at) == (before, told)


def test_who_asks_from_outside_the_zone_costs_a_deployment_no_attempt(
    fleet: BmcFleet, room: Profile
) -> None:
    machine = deployed(fleet, room)
    work()
    machine.ipxe()
    machine.plan()
    machine.take_seed()
    machine.get("profile")
    before = machine.row
    for _ in range(3):
        asked(machine, ELSEWHERE)
    after = machine.row
    assert (after.state, after.step, after.attempt) == ("DEPLOYING", "configure", 1)
    assert (after.nonce, after.deadline) == (before.nonce, before.deadline)


def test_who_asks_from_outside_the_zone_before_the_machine_does_is_not_taken_for_it(
    fleet: BmcFleet, room: Profile
) -> None:
    machine = deployed(fleet, room)
    work()
    assert "bearman.token" not in asked(machine, ELSEWHERE)
    assert machine.row.step == "power_on"


def test_a_machine_may_boot_from_its_own_service_address(used: Machine) -> None:
    assert used.row.service_address == "10.20.0.10"
    assert SEED.search(asked(used, "10.20.0.10"))
    assert not SEED.search(asked(used, "10.20.0.11"))


def test_any_network_of_the_zone_will_do(used: Machine) -> None:
    AvailabilityZone.objects.update(networks=["192.0.2.0/24", "2001:db8::/32", "203.0.113.0/24"])
    assert SEED.search(asked(used, ELSEWHERE))
    assert SEED.search(asked(used, "2001:db8::1"))
    assert not SEED.search(asked(used, "2001:db9::1"))
    assert not SEED.search(asked(used, "127.0.0.1"))


def test_a_zone_without_networks_takes_its_machines_from_anywhere(used: Machine) -> None:
    AvailabilityZone.objects.update(networks=[])
    assert SEED.search(asked(used, ELSEWHERE))


def test_a_node_that_has_lost_its_zone_still_boots(used: Machine) -> None:
    Node.objects.filter(pk=used.node.pk).update(zone=None)
    assert SEED.search(asked(used, ELSEWHERE))


@pytest.mark.issue("ID-006")
def test_a_twin_with_the_same_uuid_is_told_from_the_machine_by_its_interface(
    used: Machine,
) -> None:
    Node.objects.create(uuid=used.node.uuid, status=NodeStatus.QUARANTINED, serial="OTHER")
    before = events(used)
    script = asked(used, "127.0.0.77", f"?mac={OTHER_MAC}")
    assert not SEED.search(script)
    assert "its UUID is that of web-1, which is in use" in script
    assert f"{OTHER_MAC} is not one of that machine_s interfaces (ID-006)" in script
    assert used.get("profile")[0] == 200
    assert events(used) == before


def test_a_clone_of_a_machine_in_use_is_listed_as_seen_with_the_reason(
    used: Machine, admin_client: Client
) -> None:
    for _ in range(3):
        asked(used, "127.0.0.77", f"?mac={OTHER_MAC}")
    row = BootRequest.objects.get(granted=False)
    assert (str(row.uuid), row.source, row.times) == (used.uuid, "127.0.0.77", 3)
    page = admin_client.get("/admin/nodes/bootrequest/").content.decode()
    assert f"{OTHER_MAC} is not one of that machine&#x27;s interfaces (ID-006)" in page
    assert "Open enrolment for 1 hour" not in page, "it is known, and enrolment is not the matter"


def test_who_asks_from_outside_the_zone_is_listed_as_seen(used: Machine) -> None:
    asked(used, ELSEWHERE)
    row = BootRequest.objects.get(granted=False)
    assert (row.source, row.times) == (ELSEWHERE, 1)
    assert "(ID-007)" in row.message


def test_once_the_node_is_free_the_stranger_is_listed_for_what_it_asks_then(
    used: Machine,
) -> None:
    asked(used, "127.0.0.77", f"?mac={OTHER_MAC}")
    Node.objects.filter(pk=used.node.pk).update(status=NodeStatus.MAINTENANCE)
    asked(used, "127.0.0.77", f"?mac={OTHER_MAC}")
    row = BootRequest.objects.get(granted=False)
    assert (row.times, row.message) == (2, "")


@pytest.mark.parametrize("mac", [*ITS_MACS, ITS_MACS[0].upper(), ITS_MACS[1].replace(":", "-")])
def test_a_machine_may_boot_from_each_of_its_interfaces(used: Machine, mac: str) -> None:
    assert SEED.search(asked(used, query=f"?mac={mac}"))


@pytest.mark.parametrize("mac", [OTHER_MAC.upper(), OTHER_MAC.replace(":", "-"), f"+{OTHER_MAC}+"])
def test_another_interface_is_known_in_every_spelling(used: Machine, mac: str) -> None:
    assert not SEED.search(asked(used, query=f"?mac={mac}"))


@pytest.mark.parametrize(
    "query", ["", "?mac=", "?mac=${net0/mac}", "?mac=no", "?mac=b0:7b:25:00:99", "?mac=%00%0A"]
)
def test_what_is_no_mac_address_keeps_no_machine_from_booting(used: Machine, query: str) -> None:
    assert SEED.search(asked(used, query=query))


def test_a_machine_whose_interfaces_are_unknown_still_boots(used: Machine) -> None:
    NetworkInterface.objects.filter(node=used.node).delete()
    assert SEED.search(asked(used, query=f"?mac={OTHER_MAC}"))


def test_the_interface_does_not_help_from_outside_the_zone(used: Machine) -> None:
    assert not SEED.search(asked(used, ELSEWHERE, f"?mac={ITS_MACS[0]}"))


def test_another_machines_interface_is_not_its_own(used: Machine) -> None:
    other = Node.objects.create(uuid=uuid4(), status=NodeStatus.READY, serial="OTHER")
    NetworkInterface.objects.create(node=other, name="eno1", mac=OTHER_MAC, state="UP")
    assert not SEED.search(asked(used, query=f"?mac={OTHER_MAC}"))


def test_a_seed_is_given_to_the_address_that_booted_only(used: Machine) -> None:
    used.ipxe()
    path = f"/seed/{used.uuid}/{used.token}"
    for stranger in (ELSEWHERE, "127.0.0.77"):
        assert Client(REMOTE_ADDR=stranger).get(path).status_code == 403
    assert used.client.get(path).status_code == 200
