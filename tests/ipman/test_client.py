"""The near and the far IPman: the same tests for both."""

import os
import threading
import time
from collections.abc import Callable

import pytest
from django.db import transaction
from pytest_django import Settings

from bearman.lib.errors import BearmanError, Conflict, Invalid, NotFound, PoolExhausted, Unavailable
from bearman.lib.issues import addresses
from grpc_server.server import build
from ipman import remote
from ipman.client import Ipman, LocalIpman, ipman
from ipman.models import Address
from ipman.remote import RemoteIpman
from simulator.demo.ports import free_tcp_ports
from tests.ipman.conftest import MakePool

pytestmark = pytest.mark.django_db(transaction=True)

MakeToken = Callable[..., str]
RIGHTS = ("ipman.allocate_address", "ipman.release_address")


@pytest.fixture(params=["near", "far"])
def client(request: pytest.FixtureRequest, make_token: MakeToken) -> Ipman:
    if request.param == "near":
        return LocalIpman()
    return RemoteIpman(request.getfixturevalue("grpc_target"), token=make_token(*RIGHTS))


def test_an_address_comes_with_its_network(client: Ipman, make_pool: MakePool) -> None:
    make_pool(gateway="10.0.0.1", vlan_id=12)
    given = client.allocate(zone="z1", purpose="ipmi", owner="node:1")
    assert (given.address, given.prefix_length, given.netmask) == ("10.0.0.2", 24, "255.255.255.0")
    assert (given.gateway, given.vlan_id, given.pool, given.zone) == ("10.0.0.1", 12, "a", "z1")
    assert (given.purpose, given.owner, given.key, given.created) == (
        "ipmi",
        "node:1",
        "ipmi",
        True,
    )
    assert given.allocated_at == Address.objects.get(pk="10.0.0.2").allocated_at


def test_an_ipv6_address_comes_without_what_it_does_not_have(
    client: Ipman, make_pool: MakePool
) -> None:
    make_pool(first="fd00::1", last="fd00::ff", prefix_length=64)
    given = client.allocate(zone="z1", purpose="ipmi", owner="node:1", family=6)
    assert (given.address, given.netmask) == ("fd00::1", "")
    assert (given.gateway, given.vlan_id) == (None, None)


def test_asking_twice_gives_the_same_address(client: Ipman, make_pool: MakePool) -> None:
    make_pool()
    one, again = (client.allocate(zone="z1", purpose="ipmi", owner="node:1") for _ in range(2))
    assert (one.address, one.created, again.address, again.created) == (
        "10.0.0.1",
        True,
        "10.0.0.1",
        False,
    )


def test_a_release_takes_one_key_or_all(client: Ipman, make_pool: MakePool) -> None:
    make_pool()
    for key in ("one", "two", "three"):
        client.allocate(zone="z1", purpose="ipmi", owner="node:1", key=key, pool="a")
    assert client.release(owner="node:1", key="two") == ["10.0.0.2"]
    assert client.release(owner="node:1") == ["10.0.0.1", "10.0.0.3"]
    assert client.release(owner="node:1") == []


def test_one_particular_address_can_be_reserved(client: Ipman, make_pool: MakePool) -> None:
    make_pool()
    given = client.reserve(address="10.0.0.9", owner="node:1")
    assert (given.address, given.key, given.created) == ("10.0.0.9", "ipmi", True)
    assert client.reserve(address="10.0.0.9", owner="node:1").created is False


def nothing(client: Ipman) -> None:
    client.allocate(zone="nowhere", purpose="service", owner="node:1")


def too_many(client: Ipman) -> None:
    for number in range(3):
        client.allocate(zone="z1", purpose="ipmi", owner=f"node:{number}")


def another_kind(client: Ipman) -> None:
    client.allocate(zone="z1", purpose="ipmi", owner="node:1", key="k")
    client.allocate(zone="z2", purpose="ipmi", owner="node:1", key="k")


def no_owner(client: Ipman) -> None:
    client.release(owner="")


def no_purpose(client: Ipman) -> None:
    client.allocate(zone="z1", purpose="coffee", owner="node:1")


def somebody_elses(client: Ipman) -> None:
    client.allocate(zone="z1", purpose="ipmi", owner="node:1")
    client.reserve(address="10.0.0.1", owner="node:2")


@pytest.mark.parametrize(
    ("deed", "error", "sentence"),
    [
        (nothing, NotFound, "no enabled pool for service addresses in zone nowhere"),
        (too_many, PoolExhausted, "No address is left in a: 2 are in use"),
        (another_kind, Conflict, r"node:1 has 10\.0\.0\.1 .* asks for ipmi addresses in zone z2"),
        (no_owner, Invalid, "needs an owner. Send `owner`"),
        (no_purpose, Invalid, "`purpose` must be one of ipmi, service"),
        (somebody_elses, Conflict, "belongs to node:1. Reserve another"),
    ],
)
def test_errors_are_of_the_same_kind_and_words_near_and_far(
    client: Ipman,
    make_pool: MakePool,
    deed: Callable[[Ipman], None],
    error: type[BearmanError],
    sentence: str,
) -> None:
    make_pool(last="10.0.0.2")
    with pytest.raises(error, match=sentence) as caught:
        deed(client)
    assert type(caught.value) is error


def test_a_transaction_of_the_caller_is_refused_near_and_far(
    client: Ipman, make_pool: MakePool
) -> None:
    make_pool()
    with transaction.atomic(), pytest.raises(RuntimeError):
        client.allocate(zone="z1", purpose="ipmi", owner="node:1")
    assert not Address.objects.in_use().exists()


@pytest.mark.issue("ADDR-004")
def test_an_ipman_that_is_away_is_told_by_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "DEADLINE_SECONDS", 0.5)
    target = f"127.0.0.1:{free_tcp_ports(1)[0]}"
    began = time.monotonic()
    with pytest.raises(Unavailable, match=f"IPman at {target} gave no answer") as caught:
        RemoteIpman(target, token="t").release(owner="node:1")
    assert time.monotonic() - began < 10
    assert caught.value.issue is addresses.IPMAN_AWAY


def test_an_ipman_that_comes_back_within_the_deadline_is_found(
    make_pool: MakePool, make_token: MakeToken
) -> None:
    make_pool()
    (port,) = free_tcp_ports(1)
    far = RemoteIpman(f"127.0.0.1:{port}", token=make_token(*RIGHTS))
    server, _ = build(f"127.0.0.1:{port}")
    late = threading.Timer(1, server.start)
    late.start()
    try:
        assert far.allocate(zone="z1", purpose="ipmi", owner="node:1").address == "10.0.0.1"
    finally:
        late.join()
        server.stop(grace=None).wait()


@pytest.mark.issue("ADDR-005")
@pytest.mark.parametrize("rights", [None, ("ipman.view_pool",)])
def test_a_token_that_ipman_refuses_is_bearmans_trouble_and_not_its_callers(
    grpc_target: str, make_token: MakeToken, rights: tuple[str, ...] | None
) -> None:
    token = make_token(*rights) if rights else "bmo_unknown"
    with pytest.raises(Unavailable, match=r"refuses Bearman.*BEARMAN_IPMAN_TOKEN") as caught:
        RemoteIpman(grpc_target, token=token).allocate(zone="z1", purpose="ipmi", owner="node:1")
    assert caught.value.issue is addresses.IPMAN_REFUSES


def test_settings_choose_between_near_and_far(
    grpc_target: str, make_pool: MakePool, make_token: MakeToken, settings: Settings
) -> None:
    assert isinstance(ipman(), LocalIpman)
    settings.IPMAN_TARGET = grpc_target
    settings.IPMAN_TOKEN = make_token(*RIGHTS, username="bearman")
    make_pool()
    far = ipman()
    assert isinstance(far, RemoteIpman)
    assert ipman() is far
    given = far.allocate(zone="z1", purpose="ipmi", owner="node:1")
    assert Address.objects.get(pk=given.address).changed_by == "bearman"


def test_a_forked_process_opens_a_channel_of_its_own(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.IPMAN_TARGET = "127.0.0.1:1"
    before = ipman()
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert ipman() is not before
