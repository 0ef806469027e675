"""Register over a real gRPC server on a real PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from django.db import DatabaseError, transaction
from pytest_django import Settings

from bearman.lib.network import networks
from ipman.models import Address
from nodes import credentials
from nodes.models import AvailabilityZone, Bmc, BootRequest, Node, NodeEvent
from nodes.services.lifecycle import node_maintain, node_retire
from nodes.states import NodeStatus
from nodes.uuids import swapped_uuid
from profiles.models import Flavor
from protos.bearman.v1 import nodes_pb2 as pb
from tests.samples import Machine
from tests.servers import Door, bearer, boot_token


def refused(call: object) -> grpc.RpcError:
    """The error that a call ends with."""
    with pytest.raises(grpc.RpcError) as caught:
        call()  # type: ignore[operator]
    return caught.value


def issue_of(error: grpc.RpcError) -> str:
    """The code of the catalogue that came behind an answer."""
    return str({each.key: each.value for each in error.trailing_metadata() or ()}["bearman-issue"])


def test_an_unknown_machine_becomes_a_node_with_its_inventory(door: Door) -> None:
    machine = Machine(1)
    answer = door.register(machine)
    assert answer.status == pb.NODE_STATUS_REGISTERING
    assert answer.bmc.address == "127.43.0.10"
    assert (answer.bmc.netmask, answer.bmc.gateway) == ("255.255.255.0", "127.43.0.1")
    node = Node.objects.get(pk=answer.node_id)
    assert (str(node.uuid), node.serial, node.vendor) == (machine.uuid, "SN000001", "Acme Inc.")
    assert node.memory_bytes == 4 * 32 * 2**30
    assert node.zone
    assert node.zone.name == "z1"
    assert [nic.mac for nic in node.interfaces.all()] == machine.macs
    assert node.interfaces.get(name="eno1").driver == "ice"
    assert node.disks.get().size_bytes == 960197124096
    assert node.memory_modules.count() == 4
    assert node.processors.get().threads == 64
    assert bytes(node.raw_inventory.dmidecode) == machine.dmidecode()


def test_registering_twice_changes_nothing(door: Door) -> None:
    machine = Machine(1)
    token = boot_token(machine)
    first, second = door.register(machine, token), door.register(machine, token)
    assert first == second
    assert Node.objects.count() == 1
    assert Address.objects.exclude(owner=None).count() == 1


def test_the_same_machine_on_its_next_boot_gets_its_address_and_another_password(
    door: Door,
) -> None:
    machine = Machine(1)
    first, second = door.register(machine), door.register(machine)
    assert first.node_id == second.node_id
    assert first.bmc.address == second.bmc.address
    assert first.bmc.password != second.bmc.password


@pytest.mark.issue("REG-013")
def test_a_changed_interface_and_module_update_the_row_and_are_told(door: Door) -> None:
    machine = Machine(1)
    first = door.register(machine)
    machine.macs[1], machine.memory[0] = "0c:42:a1:00:00:01", "ABCDEF01"
    second = door.register(machine)
    assert first.node_id == second.node_id
    node = Node.objects.get(pk=first.node_id)
    assert {nic.mac for nic in node.interfaces.all()} == set(machine.macs)
    told = " ".join(NodeEvent.objects.filter(kind="inventory").values_list("message", flat=True))
    assert "0c:42:a1:00:00:01" in told
    assert "ABCDEF01" in told
    codes = NodeEvent.objects.filter(kind="inventory").values_list("issue", flat=True)
    assert set(codes) == {"REG-013"}


def test_the_byte_swapped_form_of_a_uuid_is_the_same_machine(door: Door) -> None:
    machine = Machine(1)
    first = door.register(machine)
    machine.uuid = swapped_uuid(machine.uuid)
    second = door.register(machine)
    assert first.node_id == second.node_id


def test_firmware_and_dmidecode_may_disagree_about_the_byte_order(door: Door) -> None:
    machine = Machine(1)
    asked = Machine(1, uuid=swapped_uuid(machine.uuid))
    request = pb.RegisterRequest(uuid=asked.uuid, inventory=machine.inventory())
    answer = door.boot.Register(request, metadata=bearer(boot_token(asked)))
    assert answer.status == pb.NODE_STATUS_REGISTERING


def test_a_cloned_uuid_is_quarantined_and_the_first_machine_is_untouched(door: Door) -> None:
    first = door.register(Machine(1))
    before = Node.objects.filter(pk=first.node_id).values().get()
    clone = Machine(2, uuid=Machine(1).uuid)
    answer = door.register(clone)
    assert answer.status == pb.NODE_STATUS_QUARANTINED
    assert not answer.HasField("bmc")
    assert "belongs to node" in answer.reason
    assert answer.advice
    assert Node.objects.filter(pk=first.node_id).values().get() == before
    assert Address.objects.exclude(owner=None).count() == 1
    assert not Bmc.objects.filter(node_id=int(answer.node_id)).exists()


def test_the_quarantined_machine_finds_its_own_row_again(door: Door) -> None:
    door.register(Machine(1))
    clone = Machine(2, uuid=Machine(1).uuid)
    assert door.register(clone).node_id == door.register(clone).node_id
    assert Node.objects.count() == 2


@pytest.mark.issue("ID-002")
@pytest.mark.parametrize(
    "uuid",
    [
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "03000200-0400-0500-0006-000700080009",
        "00020003-0004-0005-0006-000700080009",
    ],
)
def test_a_uuid_that_many_machines_have_is_quarantined(door: Door, uuid: str) -> None:
    one, two = Machine(1, uuid=uuid), Machine(2, uuid=uuid)
    first, second = door.register(one), door.register(two)
    assert first.status == second.status == pb.NODE_STATUS_QUARANTINED
    none = len(set(uuid)) == 2  # all zeros or all Fs: the firmware says that it has no UUID
    assert first.issue == second.issue == ("ID-001" if none else "ID-002")
    assert first.node_id != second.node_id
    assert door.register(one).node_id == first.node_id


@pytest.mark.issue("ID-001")
def test_a_machine_without_a_uuid_is_quarantined(door: Door) -> None:
    machine = Machine(1)
    token = boot_token(machine)
    inventory = machine.inventory()
    inventory.dmidecode = machine.dmidecode().replace(b"\tUUID:", b"\tOther:")
    request = pb.RegisterRequest(uuid=machine.uuid, inventory=inventory)
    answer = door.boot.Register(request, metadata=bearer(token))
    assert answer.status == pb.NODE_STATUS_QUARANTINED
    assert "no UUID" in answer.reason
    node = Node.objects.get()
    assert (answer.issue, node.issue, node.advice) == ("ID-001", "ID-001", answer.advice)


def test_two_machines_with_one_uuid_at_the_same_moment_get_one_owner(door: Door) -> None:
    uuid = Machine(1).uuid
    machines = [Machine(number, uuid=uuid) for number in range(1, 9)]
    boots = [boot_token(machine) for machine in machines]
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(door.register, machines, boots))
    statuses = sorted(answer.status for answer in answers)
    assert statuses == [pb.NODE_STATUS_REGISTERING] + 7 * [pb.NODE_STATUS_QUARANTINED]


@pytest.mark.issue("ADDR-003")
def test_the_fourth_machine_is_told_which_pool_is_empty_and_so_is_the_operator(
    door: Door,
) -> None:
    for number in (1, 2, 3):
        door.register(Machine(number))
    error = refused(lambda: door.register(Machine(4)))
    assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "z1-ipmi" in (error.details() or "")
    node = Node.objects.get(serial="SN000004")
    assert (node.status, node.step) == (NodeStatus.REGISTER_FAILED, "address")
    assert "z1-ipmi" in node.reason
    assert node.advice
    assert node.issue == issue_of(error) == "ADDR-003"


@pytest.mark.issue("ADDR-001")
def test_a_machine_of_no_zone_is_told_so(door: Door) -> None:

    AvailabilityZone.objects.update(networks=["192.0.2.0/24"])
    error = refused(lambda: door.register(Machine(1)))
    assert error.code() == grpc.StatusCode.FAILED_PRECONDITION
    assert "availability zone" in (error.details() or "")
    assert Node.objects.get().status == NodeStatus.REGISTER_FAILED
    assert Node.objects.get().issue == issue_of(error) == "ADDR-001"


@pytest.mark.issue("REG-007")
def test_an_inventory_over_two_mebibytes_is_refused_in_words(door: Door) -> None:
    machine = Machine(1)
    inventory = machine.inventory()
    inventory.lsblk = b" " * (2 * 1024 * 1024)
    request = pb.RegisterRequest(uuid=machine.uuid, inventory=inventory)
    token = boot_token(machine)
    error = refused(lambda: door.boot.Register(request, metadata=bearer(token)))
    assert error.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert "2097152" in (error.details() or "")
    assert not Node.objects.exists()
    assert issue_of(error) == "REG-007"


def test_no_token_and_a_wrong_token_are_refused(door: Door) -> None:
    request = pb.RegisterRequest(uuid=Machine(1).uuid, inventory=Machine(1).inventory())
    bare = refused(lambda: door.boot.Register(request))
    wrong = refused(lambda: door.boot.Register(request, metadata=bearer("bmb_wrong")))
    assert bare.code() == wrong.code() == grpc.StatusCode.UNAUTHENTICATED
    assert not Node.objects.exists()


def test_another_machines_token_is_refused(door: Door) -> None:
    request = pb.RegisterRequest(uuid=Machine(2).uuid, inventory=Machine(2).inventory())
    token = boot_token(Machine(1))
    error = refused(lambda: door.boot.Register(request, metadata=bearer(token)))
    assert error.code() == grpc.StatusCode.PERMISSION_DENIED


@pytest.mark.issue("ID-004")
def test_a_token_does_not_register_hardware_with_another_uuid(door: Door) -> None:
    request = pb.RegisterRequest(uuid=Machine(1).uuid, inventory=Machine(2).inventory())
    token = boot_token(Machine(1))
    error = refused(lambda: door.boot.Register(request, metadata=bearer(token)))
    assert error.code() == grpc.StatusCode.PERMISSION_DENIED
    assert issue_of(error) == "ID-004"


@pytest.mark.issue("BOOT-002")
def test_the_token_of_an_earlier_boot_is_refused_after_the_next_one(door: Door) -> None:
    machine = Machine(1)
    earlier = boot_token(machine)
    door.register(machine, earlier)
    door.register(machine)
    error = refused(lambda: door.register(machine, earlier))
    assert error.code() == grpc.StatusCode.UNAUTHENTICATED
    assert issue_of(error) == "BOOT-002"


def test_a_token_that_has_ended_is_refused(door: Door) -> None:
    machine = Machine(1)
    token = boot_token(machine)
    BootRequest.objects.update(expires_at="2020-01-01T00:00:00Z")
    error = refused(lambda: door.register(machine, token))
    assert error.code() == grpc.StatusCode.UNAUTHENTICATED


def test_a_token_is_good_from_its_own_address_only(door: Door) -> None:
    machine = Machine(1)
    token = boot_token(machine)
    BootRequest.objects.update(source="192.0.2.7")
    error = refused(lambda: door.register(machine, token))
    assert error.code() == grpc.StatusCode.PERMISSION_DENIED


def test_a_machine_behind_a_trusted_proxy_is_known_by_what_the_proxy_saw(
    door: Door, settings: Settings
) -> None:
    machine = Machine(1)
    token = boot_token(machine)
    BootRequest.objects.update(source="192.0.2.7")
    settings.TRUSTED_PROXIES = networks(["127.0.0.1/32"])
    request = pb.RegisterRequest(uuid=machine.uuid, inventory=machine.inventory())
    forwarded = (*bearer(token), ("x-forwarded-for", "198.51.100.1, 192.0.2.7"))

    AvailabilityZone.objects.update(networks=["192.0.2.0/24"])
    assert door.boot.Register(request, metadata=forwarded).status == pb.NODE_STATUS_REGISTERING


@pytest.mark.issue("REG-012")
def test_a_node_that_an_operator_took_out_does_not_register(door: Door) -> None:
    machine = Machine(1)
    token = boot_token(machine)
    answer = door.register(machine, token)
    node_maintain(node=Node.objects.get(pk=answer.node_id), actor="olga")
    error = refused(lambda: door.register(machine, token))
    assert error.code() == grpc.StatusCode.FAILED_PRECONDITION
    assert "MAINTENANCE" in (error.details() or "")
    assert issue_of(error) == "REG-012"


def test_a_retired_nodes_uuid_is_free_for_another_machine(door: Door) -> None:
    answer = door.register(Machine(1))
    node_retire(node=Node.objects.get(pk=answer.node_id), actor="olga")
    assert not Address.objects.exclude(owner=None).exists()
    boot_request = Machine(2, uuid=Machine(1).uuid)
    second = pb.RegisterRequest(uuid=boot_request.uuid, inventory=boot_request.inventory())
    error = refused(lambda: door.boot.Register(second, metadata=bearer("bmb_none")))
    assert error.code() == grpc.StatusCode.UNAUTHENTICATED


def test_the_password_is_kept_encrypted_only(door: Door) -> None:
    answer = door.register(Machine(1))
    bmc = Bmc.objects.get(node_id=int(answer.node_id))
    assert bmc.pending_password is not None
    assert answer.bmc.password.encode() not in bytes(bmc.pending_password)
    assert credentials.decrypt(bmc.pending_password) == answer.bmc.password


def test_events_cannot_be_changed_or_deleted(door: Door) -> None:

    door.register(Machine(1))
    with pytest.raises(DatabaseError), transaction.atomic():
        NodeEvent.objects.update(message="nothing happened")
    with pytest.raises(DatabaseError), transaction.atomic():
        NodeEvent.objects.all()._raw_delete("default")


def test_a_quarantined_machine_takes_over_once_the_owner_of_its_uuid_is_retired(
    door: Door,
) -> None:
    owner = door.register(Machine(1))
    heir = Machine(2, uuid=Machine(1).uuid)
    quarantined = door.register(heir)
    node_retire(node=Node.objects.get(pk=owner.node_id), actor="olga")
    answer = door.register(heir)
    assert answer.node_id == quarantined.node_id
    assert answer.status == pb.NODE_STATUS_REGISTERING
    node = Node.objects.get(pk=answer.node_id)
    assert (node.reason, node.clashes_with) == ("", None)
    assert NodeEvent.objects.filter(from_status="QUARANTINED", to_status="REGISTERING").exists()


def test_an_owner_of_addresses_is_named_alike_in_no_two_installations(door: Door) -> None:
    answer = door.register(Machine(1))
    owner = Address.objects.exclude(owner=None).get().owner
    assert owner == f"node:{Node.objects.get(pk=answer.node_id).key}"
    assert len(owner) > 36


@pytest.mark.issue("REG-006")
@pytest.mark.parametrize("part", ["lsblk", "ip_link"])
def test_an_output_that_is_cut_is_refused_with_its_name(door: Door, part: str) -> None:
    machine = Machine(1)
    inventory = machine.inventory()
    setattr(inventory, part, getattr(inventory, part)[:40])
    request = pb.RegisterRequest(uuid=machine.uuid, inventory=inventory)
    token = boot_token(machine)
    error = refused(lambda: door.boot.Register(request, metadata=bearer(token)))
    assert error.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert issue_of(error) == "REG-006"
    assert not Node.objects.exists()


@pytest.mark.issue("REG-008")
def test_a_machine_that_lacks_memory_for_its_flavor_fails_with_the_shortfall(door: Door) -> None:
    Flavor.objects.create(name="big", product_pattern="*", min_memory_gib=4096)
    error = refused(lambda: door.register(Machine(1)))
    assert error.code() == grpc.StatusCode.FAILED_PRECONDITION
    node = Node.objects.get()
    assert (node.status, node.step) == (NodeStatus.REGISTER_FAILED, "inventory")
    assert node.issue == issue_of(error) == "REG-008"
    assert "4096" in node.reason
    event = NodeEvent.objects.filter(node=node, to_status="REGISTER_FAILED").get()
    assert event.issue == "REG-008"


def test_a_node_that_comes_good_has_no_issue_any_more(door: Door) -> None:
    flavor = Flavor.objects.create(name="big", product_pattern="*", min_memory_gib=4096)
    refused(lambda: door.register(Machine(1)))
    Flavor.objects.filter(pk=flavor.pk).update(min_memory_gib=1)
    door.register(Machine(1))
    node = Node.objects.get()
    assert (node.status, node.issue, node.reason, node.advice) == ("REGISTERING", "", "", "")
