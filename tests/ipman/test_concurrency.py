"""Many allocators at once, and allocators that are killed, on a real PostgreSQL."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection

from bearman.lib.errors import Conflict, Invalid, PoolExhausted
from ipman.models import Address, Pool, ReservedRange
from ipman.services import (
    AllocatedAddress,
    address_allocate,
    address_release,
    address_reserve,
    pool_save,
    reserved_range_delete,
    reserved_range_save,
)
from tests.ipman.conftest import MakePool
from tests.ipman.helpers import assert_books_balance, in_threads, other_session, own_connection

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(120)]

ALLOCATORS = 64
SECONDS_TO_WAIT = 20


def allocate(owner: str, zone: str = "z1") -> AllocatedAddress:
    return address_allocate(zone=zone, purpose="ipmi", owner=owner)


def several(calls: list[tuple[str, str]]) -> list[tuple[str, AllocatedAddress]]:
    return [(owner, allocate(owner, zone)) for owner, zone in calls]


def values(results: list[Any]) -> list[Any]:
    """The results, none of which may be an error."""
    errors = [result for result in results if isinstance(result, Exception)]
    assert errors == []
    return results


def test_64_allocators_on_three_pools_give_each_owner_one_address_and_no_address_twice(
    make_pool: MakePool,
) -> None:
    pools = [
        make_pool(
            name=f"p{n}", zone=f"z{n}", first=f"10.{n}.0.0", last=f"10.{n}.3.255", prefix_length=22
        )
        for n in range(3)
    ]
    owners = [(f"node:{n}", f"z{n % 3}") for n in range(450)]
    calls = owners + random.Random(7).choices(owners, k=318)  # 768 calls, many for the same owner
    random.Random(8).shuffle(calls)
    jobs = [partial(several, calls[n::ALLOCATORS]) for n in range(ALLOCATORS)]
    answers = [pair for result in values(in_threads(jobs)) for pair in result]

    assert len(answers) == len(calls)
    given: dict[str, set[str]] = {}
    for owner, answer in answers:
        given.setdefault(owner, set()).add(answer.address)
    assert all(len(addresses) == 1 for addresses in given.values())
    assert len(set.union(*given.values())) == len(owners)
    created = Counter(owner for owner, answer in answers if answer.created)
    assert created == Counter(owner for owner, _ in owners)
    assert Address.objects.in_use().count() == len(owners)
    for pool in pools:
        assert_books_balance(pool)


def test_64_allocators_share_out_the_last_addresses_to_the_last_one(make_pool: MakePool) -> None:
    pool = make_pool(first="10.0.0.1", last="10.0.0.40")
    results = in_threads([partial(allocate, f"node:{n}") for n in range(ALLOCATORS)])
    given = [result.address for result in results if isinstance(result, AllocatedAddress)]
    refused = [result for result in results if isinstance(result, PoolExhausted)]
    assert len(given) == len(set(given)) == 40
    assert len(refused) == ALLOCATORS - 40
    assert_books_balance(pool)


def test_the_last_address_is_not_missed_while_its_taker_gives_up(make_pool: MakePool) -> None:
    make_pool(first="10.0.0.1", last="10.0.0.1")
    address_release(owner=allocate("node:1").owner)
    Address.objects.update(available_at="2020-01-01T00:00Z")
    with other_session() as session, ThreadPoolExecutor(1) as executor:
        session.execute("SELECT FROM ipman_address FOR UPDATE")
        waiting = in_background(executor, partial(allocate, "node:2"))
        wait_for_blocked_sessions(1)
        session.rollback()
        assert waiting.result(SECONDS_TO_WAIT).address == "10.0.0.1"


def test_one_owner_who_asks_64_times_at_once_gets_one_address(make_pool: MakePool) -> None:
    pool = make_pool()
    answers = values(in_threads([partial(allocate, "node:1")] * ALLOCATORS))
    assert len({answer.address for answer in answers}) == 1
    assert [answer.created for answer in answers].count(True) == 1
    assert Address.objects.in_use().count() == 1
    assert_books_balance(pool)


def test_allocators_releasers_and_a_changing_layout_keep_the_books(make_pool: MakePool) -> None:
    pool = make_pool(first="10.0.0.0", last="10.0.15.255", prefix_length=20, rest_seconds=0)

    def come_and_go(number: int) -> list[str]:
        seen = []
        for turn in range(12):
            seen.append(allocate(f"node:{number}:{turn}").address)
            if turn % 3:
                address_release(owner=f"node:{number}:{turn}")
        return seen

    def reserve_and_free() -> list[str]:
        for turn in range(8):
            third = f"10.0.{8 + turn % 4}"
            reserved = ReservedRange(pool=pool, first=f"{third}.0", last=f"{third}.255")
            reserved_range_save(reserved=reserved)
            reserved_range_delete(reserved=reserved)
        return []

    def pick() -> list[str]:
        return [
            address_reserve(address=f"10.0.14.{n}", owner=f"one:{n}").address for n in range(12)
        ]

    jobs: list[Callable[[], list[str]]] = [partial(come_and_go, n) for n in range(24)]
    values(in_threads([*jobs, reserve_and_free, pick]))
    assert Address.objects.in_use().count() == 24 * 4 + 12
    assert_books_balance(pool)


def test_a_range_that_is_reserved_while_allocators_run_is_free_of_owners_afterwards(
    make_pool: MakePool,
) -> None:
    pool = make_pool(first="10.0.0.1", last="10.0.0.200")

    def reserve() -> bool:
        try:
            reserved_range_save(
                reserved=ReservedRange(pool=pool, first="10.0.0.30", last="10.0.0.60")
            )
        except (Conflict, Invalid):
            return False
        return True

    jobs = [partial(allocate, f"node:{n}") for n in range(63)]
    *answers, reserved = values(in_threads([*jobs, reserve]))
    inside = Address.objects.filter(address__range=("10.0.0.30", "10.0.0.60"))
    assert not (reserved and inside.exists())
    assert len({answer.address for answer in answers}) == 63
    assert_books_balance(pool)


@contextmanager
def impatient() -> Iterator[None]:
    """Fail instead of waiting for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '2s'")
        yield
        cursor.execute("RESET lock_timeout")


def test_a_pool_never_waits_for_another_one(make_pool: MakePool) -> None:
    make_pool(name="a")
    make_pool(name="b", zone="z2", first="10.1.0.1", last="10.1.0.254")
    with other_session() as session, impatient():
        session.execute("SELECT FROM ipman_pool WHERE name = 'a' FOR UPDATE")  # as a refill does
        assert allocate("node:1", "z2").created
        with pytest.raises(OperationalError, match="lock timeout"):
            allocate("node:2")  # the lock is real: this one has to be refilled first


def test_an_allocator_never_waits_for_another_one_on_the_same_pool(make_pool: MakePool) -> None:
    make_pool()
    allocate("node:1")
    with other_session() as session, impatient():
        session.execute("SELECT FROM ipman_pool FOR UPDATE")
        session.execute(
            "UPDATE ipman_address SET owner = 'x', key = 'k', allocated_at = now() "
            "WHERE address = '10.0.0.2'"
        )
        assert allocate("node:2").address == "10.0.0.3"
        session.rollback()
    assert allocate("node:3").address == "10.0.0.2"


def in_background(executor: ThreadPoolExecutor, job: Callable[[], Any]) -> Future[Any]:
    def run() -> Any:
        with own_connection():
            return job()

    return executor.submit(run)


def wait_for_blocked_sessions(count: int) -> list[int]:
    """Return the process numbers of `count` sessions of this database that wait for a lock."""
    deadline = time.monotonic() + SECONDS_TO_WAIT
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pid FROM pg_stat_activity "
                "WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            found = [pid for (pid,) in cursor.fetchall()]
        if len(found) >= count:
            return found
        time.sleep(0.02)
    raise AssertionError(f"No {count} sessions came to wait for a lock.")


def kill_blocked_session(session: psycopg.Connection) -> None:
    (pid,) = wait_for_blocked_sessions(1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    session.rollback()


def test_an_allocator_killed_in_the_middle_leaves_nothing_behind(make_pool: MakePool) -> None:
    pool = make_pool()
    allocate("node:1")
    with other_session() as session, ThreadPoolExecutor(1) as executor:
        # An uncommitted row with the same owner: the other one has its address and waits.
        session.execute(
            "UPDATE ipman_address SET owner = 'node:2', key = 'ipmi', allocated_at = now() "
            "WHERE address = '10.0.0.9'"
        )
        dying = in_background(executor, partial(allocate, "node:2"))
        kill_blocked_session(session)
        assert isinstance(dying.exception(SECONDS_TO_WAIT), OperationalError)
    assert Address.objects.in_use().count() == 1
    assert_books_balance(pool)
    assert allocate("node:2").address == "10.0.0.2"


def test_an_allocator_killed_while_it_refills_loses_no_address(make_pool: MakePool) -> None:
    pool = make_pool()
    with other_session() as session, ThreadPoolExecutor(1) as executor:
        session.execute("SELECT FROM ipman_pool FOR UPDATE")
        dying = in_background(executor, partial(allocate, "node:1"))
        kill_blocked_session(session)
        assert isinstance(dying.exception(SECONDS_TO_WAIT), OperationalError)
    assert not Address.objects.exists()
    assert_books_balance(pool)
    assert allocate("node:1").address == "10.0.0.1"


def test_overlapping_pools_saved_at_the_same_moment_are_not_both_taken() -> None:
    def save(number: int) -> bool:
        try:
            pool_save(
                pool=Pool(
                    name=f"p{number}",
                    zone="z1",
                    purpose="ipmi",
                    first="10.0.0.1",
                    last="10.0.0.9",
                    prefix_length=24,
                )
            )
        except (Conflict, Invalid):
            return False
        return True

    assert values(in_threads([partial(save, n) for n in range(8)])).count(True) == 1
