"""Handing out and taking back, one caller at a time."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from bearman.lib.errors import Conflict, Invalid, NotFound, PoolExhausted
from ipman.models import Address, Pool, ReservedRange
from ipman.services import (
    AllocatedAddress,
    address_allocate,
    address_release,
    address_reserve,
    reserved_range_save,
)
from tests.ipman.conftest import MakePool
from tests.ipman.helpers import assert_books_balance

pytestmark = pytest.mark.django_db


def allocate(owner: str, **more: str | int) -> AllocatedAddress:
    return address_allocate(**{"zone": "z1", "purpose": "ipmi", "owner": owner, **more})  # type: ignore[arg-type]


def test_an_address_comes_with_all_that_its_owner_must_know(make_pool: MakePool) -> None:
    make_pool(first="10.0.0.0", last="10.0.3.255", prefix_length=22, gateway="10.0.0.1", vlan_id=7)
    given = address_allocate(zone="z1", purpose="ipmi", owner="node:1", actor="ops")
    assert (given.address, given.netmask, given.gateway) == (
        "10.0.0.2",
        "255.255.252.0",
        "10.0.0.1",
    )
    assert (given.prefix_length, given.vlan_id, given.pool) == (22, 7, "a")
    assert (given.owner, given.key, given.created) == ("node:1", "ipmi", True)
    assert Address.objects.get(pk="10.0.0.2").changed_by == "ops"


def test_asking_again_gives_the_same_address(make_pool: MakePool) -> None:
    make_pool()
    first, again = allocate("node:1"), allocate("node:1")
    assert (first.created, again.created) == (True, False)
    assert (first.address, first.allocated_at) == (again.address, again.allocated_at)


def test_an_owner_may_have_one_address_under_each_key(make_pool: MakePool) -> None:
    make_pool()
    assert allocate("node:1").address != allocate("node:1", key="second").address


def test_fresh_addresses_come_in_ascending_order_over_several_refills(make_pool: MakePool) -> None:
    pool = make_pool(first="10.0.0.0", last="10.0.7.255", prefix_length=21)
    given = [allocate(f"node:{number}").address for number in range(600)]
    assert given[:2] == ["10.0.0.1", "10.0.0.2"]
    assert given == list(
        Address.objects.in_use().order_by("address").values_list("address", flat=True)
    )
    assert_books_balance(pool)


@pytest.mark.parametrize(
    "other",
    [{"zone": "z2"}, {"purpose": "service"}, {"family": 6}, {"pool": "b"}],
    ids=lambda other: next(iter(other)),
)
def test_an_owner_who_wants_another_kind_under_the_same_key_is_told_what_it_has(
    make_pool: MakePool, other: dict[str, str]
) -> None:
    make_pool()
    make_pool(name="b", zone="z2", first="10.1.0.1", last="10.1.0.9")
    allocate("node:1", key="k")
    with pytest.raises(Conflict, match=r"node:1 has 10\.0\.0\.1 \(pool a, zone z1, ipmi\)"):
        allocate("node:1", key="k", **other)
    assert Address.objects.in_use().count() == 1


def test_an_owner_keeps_its_address_where_the_pool_was_switched_off(make_pool: MakePool) -> None:
    pool = make_pool()
    given = allocate("node:1")
    Pool.objects.filter(pk=pool.pk).update(enabled=False)
    assert allocate("node:1").address == given.address
    with pytest.raises(NotFound):
        allocate("node:2")


@pytest.mark.parametrize(
    "other", [{"zone": "z2"}, {"purpose": "service"}, {"family": 6}, {"pool": "b"}]
)
def test_where_no_pool_fits_the_sentence_says_what_was_looked_for(
    make_pool: MakePool, other: dict[str, str | int]
) -> None:
    make_pool()
    with pytest.raises(NotFound) as caught:
        allocate("node:1", **other)
    assert str(next(iter(other.values()))) in str(caught.value)
    assert "Addresses, Pools" in caught.value.advice


@pytest.mark.parametrize(
    "wrong",
    [
        {"owner": ""},
        {"owner": "o" * 201},
        {"owner": "a\nb"},
        {"owner": "a\x00b"},
        {"owner": " a"},
        {"key": "k" * 101},
        {"key": "\x1b[2J"},
        {"purpose": "coffee"},
        {"purpose": ""},
        {"family": 5},
        {"zone": ""},
        {"zone": "z\x00"},
        {"pool": "p" * 51},
    ],
)
def test_what_makes_no_sense_is_refused_by_the_name_of_its_field(
    make_pool: MakePool, wrong: dict[str, str | int]
) -> None:
    make_pool()
    with pytest.raises(Invalid):
        allocate(**{"owner": "node:1", **wrong})  # type: ignore[arg-type]
    assert not Address.objects.exists()


def test_pools_are_used_in_the_order_of_their_priority(make_pool: MakePool) -> None:
    make_pool(name="late", first="10.0.0.1", last="10.0.0.2", priority=200)
    make_pool(name="early", first="10.1.0.1", last="10.1.0.2", priority=1)
    make_pool(name="six", first="fd00::1", last="fd00::9", prefix_length=64, priority=0)
    given = [allocate(f"node:{number}", family=4).pool for number in range(4)]
    assert given == ["early", "early", "late", "late"]
    assert allocate("node:any").pool == "six"
    assert allocate("node:named", pool="six").address == "fd00::2"


def test_a_caller_with_a_transaction_open_is_refused(make_pool: MakePool) -> None:
    make_pool()
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        allocate("node:1")


def test_exhaustion_names_the_pool_and_says_when_the_next_address_is_free(
    make_pool: MakePool,
) -> None:
    pool = make_pool(first="10.0.0.1", last="10.0.0.3")
    for number in range(3):
        allocate(f"node:{number}")
    address_release(owner="node:1")
    with pytest.raises(PoolExhausted) as caught:
        allocate("node:9")
    assert "in a: 2 are in use and 1 rest, the first until 2" in caught.value.message
    assert "Release" in caught.value.advice
    assert_books_balance(pool)


def test_a_released_address_rests_before_somebody_else_gets_it(make_pool: MakePool) -> None:
    make_pool(first="10.0.0.1", last="10.0.0.2", rest_seconds=600)
    given = allocate("node:1")
    assert address_release(owner="node:1") == [given.address]
    row = Address.objects.get(pk=given.address)
    assert row.released_at is not None
    assert row.available_at - row.released_at == timedelta(seconds=600)
    assert (row.owner, row.key, row.last_owner) == (None, "", "node:1")
    assert allocate("node:2").address != given.address
    Address.objects.filter(pk=given.address).update(available_at=timezone.now())
    assert allocate("node:3").address == given.address


def test_the_setting_says_how_long_to_rest_where_the_pool_does_not(
    make_pool: MakePool, settings: Settings
) -> None:
    settings.IPMAN_REST_SECONDS = 0
    make_pool(first="10.0.0.1", last="10.0.0.1", rest_seconds=None)
    allocate("node:1")
    address_release(owner="node:1")
    assert allocate("node:2").address == "10.0.0.1"


def test_releasing_twice_is_no_error_and_touches_nobody_else(make_pool: MakePool) -> None:
    make_pool()
    allocate("node:1")
    kept = allocate("node:2")
    assert len(address_release(owner="node:1")) == 1
    assert address_release(owner="node:1") == []
    assert Address.objects.in_use().get().address == kept.address


def test_a_release_takes_one_key_or_all_of_them(make_pool: MakePool) -> None:
    make_pool()
    for key in ("one", "two", "three"):
        allocate("node:1", key=key)
    assert address_release(owner="node:1", key="two") == ["10.0.0.2"]
    assert address_release(owner="node:1") == ["10.0.0.1", "10.0.0.3"]


def test_a_64_bit_network_is_handed_out_as_quickly_as_any(make_pool: MakePool) -> None:
    pool = make_pool(
        first="fd00::", last="fd00::ffff:ffff:ffff:ffff", prefix_length=64, gateway="fd00::1"
    )
    reserved_range_save(
        reserved=ReservedRange(pool=pool, first="fd00::3", last="fd00::7fff:ffff:ffff:ffff")
    )
    given = [allocate(f"node:{number}") for number in range(3)]
    assert [one.address for one in given] == [
        "fd00::2",
        "fd00::8000:0:0:0",
        "fd00::8000:0:0:1",
    ]
    assert given[0].netmask == ""
    assert_books_balance(pool)


def test_one_particular_address_can_be_reserved_before_it_was_ever_fresh(
    make_pool: MakePool,
) -> None:
    pool = make_pool()
    given = address_reserve(address="10.0.0.77", owner="node:1")
    assert (given.address, given.key, given.created) == ("10.0.0.77", "ipmi", True)
    assert address_reserve(address="10.0.0.77", owner="node:1").created is False
    assert allocate("node:1").address == "10.0.0.77"
    assert_books_balance(pool)
    others = {allocate(f"node:{number}").address for number in range(2, 100)}
    assert "10.0.0.77" not in others


def test_a_resting_address_can_be_reserved(make_pool: MakePool) -> None:
    make_pool()
    allocate("node:1")
    address_release(owner="node:1")
    assert address_reserve(address="10.0.0.1", owner="node:1").created is True


@pytest.mark.parametrize(
    ("address", "error", "sentence"),
    [
        ("10.0.0.1", Conflict, "belongs to node:1"),
        ("10.0.0.50", Conflict, "never handed out"),
        ("10.0.0.254", Conflict, "never handed out"),
        ("10.7.0.1", NotFound, "in no pool"),
        ("::ffff:10.0.0.9", NotFound, "in no pool"),
        ("10.0.0.1/24", Invalid, "not an IP address"),
        ("'; DROP TABLE", Invalid, "not an IP address"),
        ("9" * 100, Invalid, "not an IP address"),
    ],
)
def test_an_address_that_cannot_be_reserved_says_why(
    make_pool: MakePool, address: str, error: type[Exception], sentence: str
) -> None:
    pool = make_pool(gateway="10.0.0.254")
    reserved_range_save(
        reserved=ReservedRange(pool=pool, first="10.0.0.50", last="10.0.0.59", note="switches")
    )
    allocate("node:1")
    with pytest.raises(error, match=sentence):
        address_reserve(address=address, owner="node:2")


def test_an_owner_cannot_reserve_a_second_address_under_the_same_key(make_pool: MakePool) -> None:
    make_pool()
    allocate("node:1")
    with pytest.raises(Conflict, match=r"node:1 has 10\.0\.0\.1"):
        address_reserve(address="10.0.0.9", owner="node:1")
