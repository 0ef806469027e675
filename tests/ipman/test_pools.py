"""Making and changing pools while addresses of theirs are in use."""

from typing import Any

import pytest

from bearman.lib.errors import Conflict, Invalid, PoolExhausted
from ipman.models import Address, Pool, ReservedRange
from ipman.selectors import pool_usages
from ipman.services import (
    address_allocate,
    address_release,
    address_reserve,
    pool_delete,
    pool_save,
    reserved_range_delete,
    reserved_range_save,
)
from tests.ipman.conftest import MakePool
from tests.ipman.helpers import assert_books_balance

pytestmark = pytest.mark.django_db


def allocate(owner: str) -> str:
    return address_allocate(zone="z1", purpose="ipmi", owner=owner).address


def reserve_range(pool: Pool, first: str, last: str) -> ReservedRange:
    reserved = ReservedRange(pool=pool, first=first, last=last)
    reserved_range_save(reserved=reserved)
    return reserved


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"last": "10.5.0.0"}, "comes before"),
        ({"last": "10.5.1.9"}, r"outside of 10\.5\.0\.0/24"),
        ({"gateway": "10.6.0.1"}, "gateway 10.6.0.1 is outside"),
        ({"first": "10.0.0.200", "last": "10.0.0.210"}, r"overlaps pool a \(10\.0\.0\.1 to"),
        ({"name": "a"}, "already exists"),
        ({"name": "not a slug"}, "valid"),
        ({"vlan_id": 4095}, "4094"),
        ({"rest_seconds": 10**9}, "less than"),
        ({"first": "nonsense"}, "IPv4 or IPv6"),
    ],
)
def test_a_pool_that_breaks_a_rule_is_refused_with_a_sentence(
    make_pool: MakePool, wrong: dict[str, Any], sentence: str
) -> None:
    make_pool()
    good = {"name": "b", "first": "10.5.0.1", "last": "10.5.0.9"}
    with pytest.raises(Invalid, match=sentence):
        make_pool(**{**good, **wrong})
    assert Pool.objects.count() == 1


def test_addresses_written_in_another_way_are_kept_in_their_canonical_form(
    make_pool: MakePool,
) -> None:
    make_pool(first="FD00:0::0001", last="fd00::00FF", prefix_length=64)
    assert allocate("node:1") == "fd00::1"


def test_a_range_reserved_later_is_never_handed_out(make_pool: MakePool) -> None:
    pool = make_pool(last="10.0.0.9")
    assert allocate("node:1") == "10.0.0.1"  # rows of all nine exist now
    reserve_range(pool, "10.0.0.2", "10.0.0.8")
    assert_books_balance(pool)
    assert allocate("node:2") == "10.0.0.9"
    with pytest.raises(PoolExhausted):
        allocate("node:3")


def test_a_range_that_is_no_longer_reserved_is_handed_out_again(make_pool: MakePool) -> None:
    pool = make_pool(last="10.0.0.5")
    lower = reserve_range(pool, "10.0.0.1", "10.0.0.3")
    reserve_range(pool, "10.0.0.3", "10.0.0.4")  # they may overlap
    assert allocate("node:1") == "10.0.0.5"
    reserved_range_delete(reserved=lower)
    assert_books_balance(pool)
    assert [allocate("node:2"), allocate("node:3")] == ["10.0.0.1", "10.0.0.2"]
    with pytest.raises(PoolExhausted):
        allocate("node:4")


def test_a_reserved_range_can_be_moved(make_pool: MakePool) -> None:
    pool = make_pool(last="10.0.0.4")
    reserved = reserve_range(pool, "10.0.0.1", "10.0.0.2")
    reserved.first, reserved.last = "10.0.0.3", "10.0.0.4"
    reserved_range_save(reserved=reserved)
    assert_books_balance(pool)
    assert allocate("node:1") == "10.0.0.1"


def test_nothing_is_reserved_over_addresses_in_use(make_pool: MakePool) -> None:
    pool = make_pool()
    for number in range(1, 6):
        allocate(f"node:{number}")
    sentence = r"10\.0\.0\.2 \(node:2\), 10\.0\.0\.3 \(node:3\), 10\.0\.0\.4 \(node:4\) and 1 more"
    with pytest.raises(Invalid, match=sentence):
        reserve_range(pool, "10.0.0.2", "10.0.0.20")
    assert_books_balance(pool)
    assert allocate("node:6") == "10.0.0.6"


@pytest.mark.parametrize(
    ("first", "last", "sentence"),
    [
        ("10.0.0.9", "10.0.1.1", "not within"),
        ("10.0.0.9", "10.0.0.8", "comes before"),
        ("fd00::1", "fd00::2", "same family"),
    ],
)
def test_a_reserved_range_must_lie_in_its_pool(
    make_pool: MakePool, first: str, last: str, sentence: str
) -> None:
    with pytest.raises(Invalid, match=sentence):
        reserve_range(make_pool(), first, last)


def test_a_pool_can_be_widened_and_narrowed(make_pool: MakePool) -> None:
    pool = make_pool(first="10.0.0.10", last="10.0.0.12")
    assert allocate("node:1") == "10.0.0.10"
    pool.first, pool.last = "10.0.0.9", "10.0.0.11"
    pool_save(pool=pool)
    assert_books_balance(pool)
    assert {allocate("node:2"), allocate("node:3")} == {"10.0.0.9", "10.0.0.11"}
    with pytest.raises(PoolExhausted):
        allocate("node:4")


@pytest.mark.parametrize(
    "change",
    [
        {"first": "10.0.0.2"},
        {"gateway": "10.0.0.1"},
        {"first": "10.0.0.1", "prefix_length": 31, "last": "10.0.0.1"},
        {"zone": "z2"},
        {"purpose": "service"},
        {"first": "fd00::1", "last": "fd00::9", "prefix_length": 64},
    ],
)
def test_a_change_that_would_pull_the_ground_from_under_an_owner_is_refused(
    make_pool: MakePool, change: dict[str, Any]
) -> None:
    pool = make_pool()
    allocate("node:1")
    allocate("node:2")
    for name, value in change.items():
        setattr(pool, name, value)
    with pytest.raises(Invalid, match=r"in use|IPv4 pool"):
        pool_save(pool=pool)
    assert_books_balance(pool)


def test_saving_a_stale_pool_does_not_bring_back_what_was_handed_out(make_pool: MakePool) -> None:
    pool = make_pool()
    stale = Pool.objects.get(pk=pool.pk)
    allocate("node:1")
    stale.note = "changed by somebody who read the pool before"
    pool_save(pool=stale)
    assert_books_balance(pool)
    assert allocate("node:2") == "10.0.0.2"


def test_an_unused_pool_can_be_deleted_and_a_used_one_not(make_pool: MakePool) -> None:
    pool = make_pool()
    reserve_range(pool, "10.0.0.9", "10.0.0.9")
    allocate("node:1")
    with pytest.raises(Conflict, match=r"10\.0\.0\.1 \(node:1\)"):
        pool_delete(pool=pool)
    address_release(owner="node:1")
    pool_delete(pool=pool)
    assert not Pool.objects.exists()
    assert not Address.objects.exists()


def test_usage_counts_what_is_used_and_what_rests_against_what_can_be_handed_out(
    make_pool: MakePool,
) -> None:
    pool = make_pool(first="10.0.0.0", last="10.0.0.10", gateway="10.0.0.1", alert_percent=50)
    reserve_range(pool, "10.0.0.2", "10.0.0.6")
    address_reserve(address="10.0.0.8", owner="node:1")
    allocate("node:2")
    make_pool(name="b", first="10.1.0.1", last="10.1.0.9", zone="z2")
    address_release(owner="node:2")
    usage, other = pool_usages()
    assert (usage.capacity, usage.used, usage.resting, usage.free) == (4, 1, 1, 2)
    assert (usage.percent, usage.nearly_full, usage.exhausted) == (50, True, False)
    assert (other.capacity, other.percent, other.nearly_full) == (9, 0, False)
    assert [one.pool.name for one in pool_usages(zone="z2")] == ["b"]
    assert pool_usages(purpose="service") == []


def test_usage_of_many_pools_takes_as_many_queries_as_of_one(
    make_pool: MakePool, django_assert_num_queries: Any
) -> None:
    for number in range(5):
        pool = make_pool(name=f"p{number}", first=f"10.{number}.0.1", last=f"10.{number}.0.9")
        reserve_range(pool, f"10.{number}.0.2", f"10.{number}.0.3")
    with django_assert_num_queries(2):
        assert [usage.capacity for usage in pool_usages()] == [7] * 5


def test_a_pool_of_which_all_is_reserved_is_full(make_pool: MakePool) -> None:
    pool = make_pool(last="10.0.0.2")
    reserve_range(pool, "10.0.0.1", "10.0.0.2")
    (usage,) = pool_usages()
    assert (usage.capacity, usage.percent, usage.exhausted) == (0, 100, True)
