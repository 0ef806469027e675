"""Whatever a machine sends: one clear error or one harmless row, never a crash."""

import json
from typing import Any

import grpc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nodes.models import Node
from protos.bearman.v1 import nodes_pb2 as pb
from tests.samples import Machine
from tests.servers import Door, bearer, boot_token

# A refusal in our own words; anything else is a defect.
CLEAR = {
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.PERMISSION_DENIED,
    grpc.StatusCode.UNAUTHENTICATED,
}
HOSTILE = [
    "$(reboot)",
    "`reboot`",
    "'; DROP TABLE nodes_node; --",
    '"><script>alert(1)</script>',
    "a\nkernel http://evil.example/x",
    "${net0/mac}",
    "\x1b[2J\x07",
    "\u202etxet",
    "%s%s%n",
    "../../etc/passwd",
    "A" * 5000,
    "\x00\x01\x02",
    "{{ settings.SECRET_KEY }}",
    "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
]


def send(door: Door, machine: Machine, **parts: Any) -> pb.RegisterResponse | Any:
    """Register with some parts of the inventory replaced."""
    inventory = machine.inventory()
    for name, value in parts.items():
        if name == "ethtool":
            del inventory.ethtool[:]
            inventory.ethtool.extend(value)
        else:
            setattr(inventory, name, value)
    request = pb.RegisterRequest(uuid=machine.uuid, inventory=inventory)
    return called(door, request, boot_token(machine))


def called(door: Door, request: pb.RegisterRequest, token: str) -> pb.RegisterResponse | Any:
    """The answer of Register, or the error it ended with."""
    try:
        return door.boot.Register(request, metadata=bearer(token))
    except grpc.RpcError as error:
        return error


@pytest.mark.parametrize("part", ["dmidecode", "lsblk", "ip_link"])
def test_ten_megabytes_in_one_field_get_one_clear_error(door: Door, part: str) -> None:
    answer = send(door, Machine(1), **{part: b"x" * 10_000_000})
    assert isinstance(answer, grpc.RpcError)
    assert answer.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert "10" in (answer.details() or "")
    assert not Node.objects.exists()


def test_more_than_the_door_takes_gets_an_error_and_the_door_stays_open(door: Door) -> None:
    answer = send(door, Machine(1), dmidecode=b"x" * 20_000_000)
    assert isinstance(answer, grpc.RpcError)
    assert isinstance(send(door, Machine(1)), pb.RegisterResponse)


def test_ten_thousand_interfaces_get_one_clear_error(door: Door) -> None:
    links = [
        {
            "ifname": f"e{i}",
            "link_type": "ether",
            "address": f"b0:7b:25:00:{i // 256:02x}:{i % 256:02x}",
        }
        for i in range(10_000)
    ]
    answer = send(door, Machine(1), ip_link=json.dumps(links).encode())
    assert isinstance(answer, grpc.RpcError)
    assert answer.code() == grpc.StatusCode.INVALID_ARGUMENT
    many = [pb.EthtoolInfo(interface=f"e{i}", output=b"driver: x\n") for i in range(10_000)]
    answer = send(door, Machine(1), ethtool=many)
    assert isinstance(answer, grpc.RpcError)
    assert answer.code() == grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_of_the_firmware_stay_words(door: Door, text: str) -> None:
    machine = Machine(1, vendor=text, product=text, serial=text, board_serial=text)
    answer = send(door, machine)
    assert isinstance(answer, pb.RegisterResponse)
    node = Node.objects.get(pk=answer.node_id)
    for value in (node.vendor, node.product_name, node.serial):
        assert len(value) <= 256
        assert not any(character in value for character in "\x00\x07\x1b\n\u202e")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_of_the_kernel_are_refused_or_stay_words(door: Door, text: str) -> None:
    links = [
        {"ifname": text, "link_type": "ether", "address": "b0:7b:25:00:00:01", "operstate": text}
    ]
    disks = {
        "blockdevices": [{"name": text, "type": "disk", "size": 1, "model": text, "tran": text}]
    }
    ethtool = [pb.EthtoolInfo(interface=text[:100], output=f"driver: {text}\n".encode())]
    for parts in (
        {"ip_link": json.dumps(links).encode()},
        {"lsblk": json.dumps(disks).encode()},
        {"ethtool": ethtool},
    ):
        answer = send(door, Machine(1), **parts)
        assert isinstance(answer, pb.RegisterResponse) or answer.code() in CLEAR


@given(
    dmidecode=st.binary(max_size=300),
    lsblk=st.binary(max_size=100),
    ip_link=st.binary(max_size=100),
    uuid=st.text(max_size=60),
    interface=st.text(max_size=30),
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_random_bytes_get_a_row_or_a_clear_error(
    door: Door, dmidecode: bytes, lsblk: bytes, ip_link: bytes, uuid: str, interface: str
) -> None:
    machine = Machine(1)
    inventory = pb.Inventory(
        dmidecode=machine.dmidecode() + dmidecode,
        lsblk=lsblk or machine.lsblk(),
        ip_link=ip_link or machine.ip_link(),
        ethtool=[pb.EthtoolInfo(interface=interface, output=lsblk)],
    )
    token = boot_token(machine)
    for name in (machine.uuid, uuid):
        answer = called(door, pb.RegisterRequest(uuid=name, inventory=inventory), token)
        assert isinstance(answer, pb.RegisterResponse) or answer.code() in CLEAR, answer


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["ifname", "address", "mtu", "operstate", "name", "size", "type", "model"]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=12,
)


@given(links=json_values, disks=json_values)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_json_of_any_shape_gets_a_row_or_a_clear_error(door: Door, links: Any, disks: Any) -> None:
    disk_text = json.dumps({"blockdevices": disks}).encode()
    answer = send(door, Machine(1), ip_link=json.dumps(links).encode(), lsblk=disk_text)
    assert isinstance(answer, pb.RegisterResponse) or answer.code() in CLEAR, answer


@given(st.text(max_size=200))
@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_random_tokens_open_nothing(door: Door, token: str) -> None:
    request = pb.RegisterRequest(uuid=Machine(1).uuid)
    printable = "".join(c for c in token if c.isascii() and c.isprintable())
    with pytest.raises(grpc.RpcError) as caught:
        door.boot.Register(request, metadata=bearer(printable))
    assert caught.value.code() == grpc.StatusCode.UNAUTHENTICATED


def test_a_replayed_registration_of_another_boot_is_refused(door: Door) -> None:
    machine = Machine(1)
    old = boot_token(machine)
    door.register(machine, old)
    door.register(machine)
    with pytest.raises(grpc.RpcError) as caught:
        door.register(machine, old)
    assert caught.value.code() == grpc.StatusCode.UNAUTHENTICATED


def test_what_no_column_can_hold_is_refused_or_made_to_fit(door: Door) -> None:
    text = Machine(1).dmidecode().replace(b"Size: 32 GB", b"Size: 99999999999999 TB")
    text = text.replace(b"Core Count: 32", b"Core Count: 99999999999999999999")
    text = text.replace(b"Speed: 3200 MT/s", b"Speed: 99999999999999999999 MT/s")
    answer = send(door, Machine(1), dmidecode=text)
    assert isinstance(answer, pb.RegisterResponse) or answer.code() in CLEAR, answer


def test_a_disk_larger_than_a_number_of_the_database_is_refused_or_made_to_fit(door: Door) -> None:
    disks = {"blockdevices": [{"name": "sda", "type": "disk", "size": 10**30}]}
    answer = send(door, Machine(1), lsblk=json.dumps(disks).encode())
    assert isinstance(answer, pb.RegisterResponse) or answer.code() in CLEAR, answer
