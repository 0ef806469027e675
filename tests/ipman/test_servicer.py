"""ipman.v1.IpmanService over a real gRPC server: lists, tokens and garbage."""

from collections.abc import Callable
from itertools import chain
from typing import Any

import grpc
import pytest

from ipman.models import Address, ReservedRange
from ipman.services import address_allocate, address_release, reserved_range_save
from protos.ipman.v1 import ipman_pb2 as pb
from protos.ipman.v1.ipman_pb2_grpc import IpmanServiceStub
from tests.ipman.conftest import MakePool

pytestmark = pytest.mark.django_db(transaction=True)

MakeToken = Callable[..., str]
ALL = (
    "ipman.allocate_address",
    "ipman.release_address",
    "ipman.view_address",
    "ipman.view_pool",
)


class Caller:
    """Calls with one token."""

    def __init__(self, channel: grpc.Channel, token: str) -> None:
        self.stub = IpmanServiceStub(channel)
        self.metadata = [("authorization", f"Bearer {token}")]

    def __call__(self, method: str, request: Any) -> Any:
        return getattr(self.stub, method)(request, metadata=self.metadata, timeout=10)


@pytest.fixture
def call(channel: grpc.Channel, make_token: MakeToken) -> Caller:
    return Caller(channel, make_token(*ALL))


def test_pools_are_listed_with_their_use(call: Caller, make_pool: MakePool) -> None:
    pool = make_pool(
        first="10.0.0.0", last="10.0.0.15", gateway="10.0.0.1", vlan_id=5, alert_percent=20
    )
    make_pool(name="six", first="fd00::", last="fd00::ffff:ffff:ffff:ffff", prefix_length=64)
    make_pool(name="far", zone="z2", purpose="service", first="10.2.0.1", last="10.2.0.9")
    reserved_range_save(reserved=ReservedRange(pool=pool, first="10.0.0.2", last="10.0.0.5"))
    for number in range(3):
        address_allocate(zone="z1", purpose="ipmi", owner=f"node:{number}", pool="a")
    address_release(owner="node:0")
    first, far, six = call("ListPools", pb.ListPoolsRequest()).pools
    assert first == pb.Pool(
        name="a",
        zone="z1",
        purpose=pb.PURPOSE_IPMI,
        first="10.0.0.0",
        last="10.0.0.15",
        prefix_length=24,
        gateway="10.0.0.1",
        vlan_id=5,
        capacity="10",
        used=2,
        resting=1,
        nearly_full=True,
    )
    assert six.capacity == str(2**64 - 1)
    assert call("ListPools", pb.ListPoolsRequest(zone="z2")).pools == [far]
    assert call("ListPools", pb.ListPoolsRequest(purpose=pb.PURPOSE_SERVICE)).pools == [far]


def test_addresses_in_use_are_listed_page_by_page_in_their_order(
    call: Caller, make_pool: MakePool
) -> None:
    make_pool(last="10.0.0.200")
    make_pool(name="b", zone="z2", first="10.1.0.1", last="10.1.0.9")
    for number in range(12):
        address_allocate(zone="z1", purpose="ipmi", owner=f"node:{number}")
    address_allocate(zone="z2", purpose="ipmi", owner="node:far")
    address_release(owner="node:0")
    pages: list[list[str]] = []
    token = ""
    while not pages or token:
        request = pb.ListAddressesRequest(page_size=5, page_token=token)
        answer = call("ListAddresses", request)
        pages.append([row.address for row in answer.addresses])
        token = answer.next_page_token
    assert [len(page) for page in pages] == [5, 5, 2]
    expected = [*(f"10.0.0.{number}" for number in range(2, 13)), "10.1.0.1"]
    assert [*chain.from_iterable(pages)] == expected


@pytest.mark.parametrize(
    ("narrow", "owners"),
    [
        ({"zone": "z2"}, ["node:2"]),
        ({"pool": "a"}, ["node:1"]),
        ({"owner": "node:1"}, ["node:1"]),
        ({"purpose": pb.PURPOSE_SERVICE}, ["node:2"]),
        ({"pool": "a", "zone": "z2"}, []),
        ({}, ["node:1", "node:2"]),
    ],
)
def test_a_list_of_addresses_can_be_narrowed(
    call: Caller, make_pool: MakePool, narrow: dict[str, Any], owners: list[str]
) -> None:
    make_pool()
    make_pool(name="b", zone="z2", purpose="service", first="10.1.0.1", last="10.1.0.9")
    address_allocate(zone="z1", purpose="ipmi", owner="node:1")
    address_allocate(zone="z2", purpose="service", owner="node:2")
    answer = call("ListAddresses", pb.ListAddressesRequest(**narrow))
    assert [row.owner for row in answer.addresses] == owners


def test_the_owner_of_a_token_is_written_down(call: Caller, make_pool: MakePool) -> None:
    make_pool()
    request = pb.AllocateRequest(zone="z1", purpose=pb.PURPOSE_IPMI, owner="node:1")
    answer = call("Allocate", request)
    assert answer.address.allocated_at.seconds > 0
    assert Address.objects.get(pk=answer.address.address).changed_by == "ops"
    assert call("Release", pb.ReleaseRequest(owner="node:1")).addresses == ["10.0.0.1"]


REQUESTS = {
    "Allocate": pb.AllocateRequest(zone="z1", purpose=pb.PURPOSE_IPMI, owner="o"),
    "Release": pb.ReleaseRequest(owner="o"),
    "Reserve": pb.ReserveRequest(address="10.0.0.1", owner="o"),
    "ListAddresses": pb.ListAddressesRequest(),
    "ListPools": pb.ListPoolsRequest(),
}
NEEDED = {
    "Allocate": "ipman.allocate_address",
    "Release": "ipman.release_address",
    "Reserve": "ipman.allocate_address",
    "ListAddresses": "ipman.view_address",
    "ListPools": "ipman.view_pool",
}


@pytest.mark.parametrize("method", REQUESTS)
def test_each_call_needs_its_own_permission(
    channel: grpc.Channel, make_pool: MakePool, make_token: MakeToken, method: str
) -> None:
    make_pool()
    others = [name for name in ALL if name != NEEDED[method]]
    with pytest.raises(grpc.RpcError, match=NEEDED[method]) as caught:
        Caller(channel, make_token(*others))(method, REQUESTS[method])
    assert caught.value.code() is grpc.StatusCode.PERMISSION_DENIED
    assert not Address.objects.exists()
    Caller(channel, make_token(NEEDED[method], username="other"))(method, REQUESTS[method])


@pytest.mark.parametrize("method", REQUESTS)
def test_no_call_is_answered_without_a_good_token(channel: grpc.Channel, method: str) -> None:
    for token in ("", "bmo_" + "x" * 40, "y" * 5000):
        with pytest.raises(grpc.RpcError) as caught:
            Caller(channel, token)(method, REQUESTS[method])
        assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED


@pytest.mark.parametrize(
    ("method", "request_"),
    [
        ("Allocate", pb.AllocateRequest(zone="z1", purpose=99, owner="o")),  # type: ignore[arg-type]
        ("Allocate", pb.AllocateRequest(zone="z1", owner="o")),
        ("Allocate", pb.AllocateRequest(zone="z\x00", purpose=pb.PURPOSE_IPMI, owner="o")),
        ("Allocate", pb.AllocateRequest(zone="z1", purpose=pb.PURPOSE_IPMI, owner="o" * 10**6)),
        (
            "Allocate",
            pb.AllocateRequest(zone="z1", purpose=pb.PURPOSE_IPMI, owner="o", family=2**31),
        ),
        ("Release", pb.ReleaseRequest(owner="o", key="\x1b[2J")),
        ("Reserve", pb.ReserveRequest(address="\x00", owner="o")),
        ("ListAddresses", pb.ListAddressesRequest(page_token="x' OR 1=1")),
        ("ListAddresses", pb.ListAddressesRequest(owner="\x00")),
        ("ListAddresses", pb.ListAddressesRequest(pool="p" * 51)),
        ("ListPools", pb.ListPoolsRequest(zone="\x00")),
    ],
)
def test_garbage_gets_one_clear_error(
    call: Caller, make_pool: MakePool, method: str, request_: Any
) -> None:
    make_pool()
    with pytest.raises(grpc.RpcError) as caught:
        call(method, request_)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert 0 < len(caught.value.details() or "") < 300


def test_a_page_is_never_larger_than_a_thousand_rows(call: Caller, make_pool: MakePool) -> None:
    pool = make_pool(first="10.0.0.0", last="10.0.7.255", prefix_length=21)
    Address.objects.bulk_create(
        Address(
            address=f"10.0.{n // 250}.{n % 250 + 1}",
            pool=pool,
            owner=f"o{n}",
            key="k",
            allocated_at="2024-01-01T00:00Z",
        )
        for n in range(1005)
    )
    answer = call("ListAddresses", pb.ListAddressesRequest(page_size=2**32 - 1))
    assert len(answer.addresses) == 1000
    assert answer.next_page_token == "10.0.3.250"
