"""Machines that register are compared with what was ordered."""

import pytest

from bearman.lib.errors import Conflict, NotFound
from nodes.models import AvailabilityZone, ExpectedMachine, Finding, Node, NodeEvent
from nodes.services.lifecycle import node_retire
from nodes.services.zones import zone_ensure
from nodes.states import NodeStatus
from profiles.models import Flavor, StopsAt
from tests.nodes.expected.conftest import Import, Register
from tests.samples import Machine

HEAD = "serial,vendor,model,rack,unit,zone,memory,mac,asset_tag\n"


def codes(node: Node | None = None) -> list[str]:
    rows = Finding.objects.filter(source="expected")
    return list((rows.filter(node=node) if node else rows).values_list("issue", flat=True))


def refused(register: Register, machine: Machine) -> tuple[Conflict, Node]:
    """What a registration ends with, and the node that it leaves."""
    with pytest.raises(Conflict) as caught:
        register(machine)
    node = Node.objects.get(serial=machine.serial, uuid=machine.uuid)
    assert caught.value.issue is not None
    assert node.status == NodeStatus.REGISTER_FAILED
    assert (node.step, node.issue) == ("expected", caught.value.issue.code)
    assert (node.reason, node.advice) == (caught.value.message, caught.value.advice)
    return caught.value, node


def test_a_machine_as_expected_gets_its_place_and_is_no_longer_missing(
    imported: Import, register: Register
) -> None:
    flavor = Flavor.objects.create(name="compute")
    imported(
        "serial,vendor,model,rack,unit,flavor,memory\n"
        "sn000001,Acme,RackBox 650,R12,4,compute,4x32\n"
    )
    node = register(Machine(1))
    assert (node.place, node.flavor, node.status) == ("R12 U4", flavor, NodeStatus.REGISTERING)
    row = ExpectedMachine.objects.get()
    assert row.node == node
    assert row.arrived_at is not None
    assert codes() == []
    told = NodeEvent.objects.get(node=node, step="expected")
    assert told.message == (
        "It is the expected machine Acme RackBox 650 sn000001 (R12 U4, flavor compute)."
    )
    register(Machine(1))
    assert NodeEvent.objects.filter(step="expected").count() == 1, "told once"


@pytest.mark.issue("EXP-001")
def test_another_model_ends_the_registration_before_it_gets_an_address(
    imported: Import, register: Register
) -> None:
    imported(f"{HEAD}SN000001,Acme,RackBox 750,R1,4,,,,\n")
    error, node = refused(register, Machine(1))
    assert error.message == "Expected Acme RackBox 750, and this is Acme Inc. RackBox 650."
    assert not hasattr(node, "bmc")
    assert node.place == "R1 U4", "whoever walks there must find it"
    imported(f"{HEAD}SN000001,Acme,RackBox 650,R1,4,,,,\n")
    assert register(Machine(1)).status == NodeStatus.REGISTERING
    assert codes() == []


@pytest.mark.issue("EXP-002")
def test_a_missing_module_is_told_with_its_slot(imported: Import, register: Register) -> None:
    imported(f"{HEAD}SN000001,,,,,,4x32,,\n")
    machine = Lacking(1)
    error, _ = refused(register, machine)
    assert error.message == "Expected 4 \u00d7 32 GiB, found 3: slot A4 is empty."
    assert error.advice.startswith("Reseat the module of the empty slot")


@pytest.mark.issue("EXP-003", "EXP-004")
def test_other_and_more_modules_are_told(imported: Import, register: Register) -> None:
    imported(f"{HEAD}SN000001,,,,,,4x64,,\nSN000002,,,,,,3x32,,\n")
    error, _ = refused(register, Machine(1))
    assert error.message.startswith("Expected 4 \u00d7 64 GiB, and A1 has 32 GiB, A2 has 32 GiB,")
    node = register(Machine(2))
    assert codes(node) == ["EXP-004"]
    assert node.status == NodeStatus.REGISTERING, "a warning alone ends nothing"


@pytest.mark.issue("EXP-005")
def test_what_the_firmware_does_not_say_is_a_warning(imported: Import, register: Register) -> None:
    imported(f"{HEAD}SN000001,,RackBox 650,,,,,,\n")
    node = register(Machine(1, product="To be filled by O.E.M."))
    assert codes(node) == ["EXP-005"]


@pytest.mark.issue("EXP-006")
def test_a_machine_that_nobody_expected_is_noted_where_there_is_a_list(
    imported: Import, register: Register
) -> None:
    assert codes(register(Machine(1))) == []
    imported(f"{HEAD}SN000009,,,,,,,,\n")
    assert codes(register(Machine(2))) == ["EXP-006"]


@pytest.mark.issue("EXP-007")
def test_a_second_machine_with_the_serial_of_an_expected_one_is_refused(
    imported: Import, register: Register
) -> None:
    imported(f"{HEAD}SN000001,,,R1,4,,,,\n")
    first = register(Machine(1))
    error, second = refused(register, Machine(2, serial="SN000001"))
    assert f"has arrived already: it is node {first.pk}" in error.message
    assert (second.place, ExpectedMachine.objects.get().node) == ("", first)
    node_retire(node=first, actor="olga")
    again = register(Machine(2, serial="SN000001"))
    assert (again.place, ExpectedMachine.objects.get().node) == ("R1 U4", again)


@pytest.mark.issue("EXP-008")
def test_a_machine_in_another_zone_than_expected_is_refused(
    imported: Import, register: Register
) -> None:
    zone_ensure(name="z2", networks=["10.9.0.0/16"])
    imported(f"{HEAD}SN000001,,,,,z2,,,\n")
    error, node = refused(register, Machine(1))
    assert error.message == "Expected in zone z2, and it is in zone z1."
    assert str(node.zone) == "z1", "the network says where it is"


def test_the_list_gives_the_zone_where_the_network_says_nothing(
    imported: Import, register: Register, zone: AvailabilityZone
) -> None:
    other, _ = zone_ensure(name="z2", networks=["10.9.0.0/16"])
    AvailabilityZone.objects.filter(pk=zone.pk).update(networks=[])
    imported(f"{HEAD}SN000001,,,,,z2,,,\n")
    Flavor.objects.create(name="any", product_pattern="*")
    with pytest.raises(NotFound, match="z2"):
        register(Machine(1))
    assert Node.objects.get().zone == other
    assert codes() == []


@pytest.mark.issue("EXP-009")
def test_a_machine_is_also_known_by_its_mac_address(imported: Import, register: Register) -> None:
    mac = Machine(1).macs[1]
    imported(f"{HEAD}LABEL-1,,,R1,4,,,{mac},\n")
    node = register(Machine(1))
    assert (node.place, codes(node)) == ("R1 U4", ["EXP-009"])


def test_a_machine_stays_the_expected_one_when_its_serial_number_changes(
    imported: Import, register: Register
) -> None:
    imported(f"{HEAD}SN000001,,,R1,4,,,,\n")
    node = register(Machine(1))
    assert register(Machine(1, serial="NEWBOARD")) == node
    assert ExpectedMachine.objects.get().node == node
    assert codes(node) == ["EXP-009"]


def test_a_machine_is_also_known_by_its_asset_tag(imported: Import, register: Register) -> None:
    imported(f"{HEAD}LABEL-1,,,R1,4,,,,it-0815\nLABEL-2,,,R1,5,,,{Machine(1).macs[0]},\n")
    node = register(Tagged(1))
    assert node.place == "R1 U4", "an asset tag says more than a MAC address"


def test_a_serial_number_takes_its_entry_from_a_machine_that_was_known_by_less(
    imported: Import, register: Register
) -> None:
    imported(f"{HEAD}SN000002,,,R1,4,,,{Machine(1).macs[1]},\n")
    first = register(Machine(1))
    assert ExpectedMachine.objects.get().node == first
    second = register(Machine(2))
    assert ExpectedMachine.objects.get().node == second
    assert codes(second) == ["EXP-010"], "the first is still said to stand there"


@pytest.mark.issue("EXP-010")
def test_a_place_in_which_another_node_is_said_to_be_is_told(
    imported: Import, register: Register
) -> None:
    first = register(Machine(1))
    Node.objects.filter(pk=first.pk).update(rack="R1", unit=4)
    imported(f"{HEAD}SN000002,,,R1,4,,,,\n")
    node = register(Machine(2))
    assert codes(node) == ["EXP-010"]
    told = Finding.objects.get(node=node).message
    assert told == f"It is in R1 U4, and so is node {first.pk} ({first})."


@pytest.mark.issue("EXP-011")
def test_what_an_operator_has_set_stays_and_is_told(imported: Import, register: Register) -> None:
    node = register(Machine(1))
    Node.objects.filter(pk=node.pk).update(rack="R9", unit=9)
    imported(f"{HEAD}SN000001,,,R1,4,,,,\n")
    node = register(Machine(1))
    assert (node.place, codes(node)) == ("R9 U9", ["EXP-011"])


def test_the_flavor_says_which_findings_end_a_registration(
    imported: Import, register: Register
) -> None:
    flavor = Flavor.objects.create(name="any", product_pattern="*", stops_at=StopsAt.NEVER)
    imported(f"{HEAD}SN000001,,RackBox 750,,,,,,\nSN000002,,,,,,3x32,,\n")
    node = register(Machine(1))
    assert (node.status, codes(node)) == (NodeStatus.REGISTERING, ["EXP-001"])
    Flavor.objects.filter(pk=flavor.pk).update(stops_at=StopsAt.WARNING)
    error, _ = refused(register, Machine(2))
    assert error.issue is not None
    assert error.issue.code == "EXP-004"


def test_a_quarantined_machine_takes_no_entry_but_its_place_is_known(
    imported: Import, register: Register
) -> None:
    imported(f"{HEAD}SN000002,,RackBox 750,R1,4,,,,\n")
    register(Machine(1))
    node = register(Machine(2, uuid=Machine(1).uuid))
    assert (node.status, node.place) == (NodeStatus.QUARANTINED, "R1 U4")
    assert ExpectedMachine.objects.get().node is None
    assert codes(node) == []


class Tagged(Machine):
    """A machine with an asset tag."""

    def dmidecode(self) -> bytes:
        """What `dmidecode` prints."""
        return super().dmidecode().replace(b"Asset Tag: Not Specified", b"Asset Tag: IT-0815", 1)


class Lacking(Machine):
    """A machine whose last slot is empty."""

    def dmidecode(self) -> bytes:
        """What `dmidecode` prints."""
        head, _, last = super().dmidecode().rpartition(b"\tSize: 32 GB")
        return head + b"\tSize: No Module Installed" + last
