"""Random histories of a pool, compared with a model in plain Python."""

from ipaddress import ip_address

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from bearman.lib.errors import Conflict, Invalid, NotFound, PoolExhausted
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
from tests.ipman.helpers import assert_books_balance

BASE = int(ip_address("10.0.0.0"))
SIZE = 24
GATEWAY = 1  # as a number in the network, as are all below
ENDS = st.integers(1, SIZE)
OWNERS = st.sampled_from([f"node:{number}" for number in range(12)])


def text(number: int) -> str:
    return str(ip_address(BASE + number))


class History(RuleBasedStateMachine):
    """A pool whose released addresses do not rest, so that all moves happen often."""

    def __init__(self) -> None:
        super().__init__()
        for pool in Pool.objects.all():
            for owner in Address.objects.in_use().values_list("owner", flat=True):
                address_release(owner=str(owner))
            pool_delete(pool=pool)
        self.first, self.last = 1, 8
        self.pool = Pool(
            name="a",
            zone="z1",
            purpose="ipmi",
            first=text(1),
            last=text(8),
            prefix_length=24,
            gateway=text(GATEWAY),
            rest_seconds=0,
        )
        pool_save(pool=self.pool)
        self.owned: dict[str, int] = {}
        self.reserved: dict[int, range] = {}

    def allowed(self) -> set[int]:
        kept = set(range(self.first, self.last + 1)) - {GATEWAY}
        return kept.difference(*self.reserved.values())

    @rule(owner=OWNERS)
    def allocate(self, owner: str) -> None:
        free = self.allowed() - set(self.owned.values())
        try:
            given = address_allocate(zone="z1", purpose="ipmi", owner=owner)
        except PoolExhausted:
            assert owner not in self.owned
            assert not free
            return
        number = int(ip_address(given.address)) - BASE
        if owner in self.owned:
            assert (number, given.created) == (self.owned[owner], False)
        else:
            assert given.created
            assert number in free
        self.owned[owner] = number

    @rule(owner=OWNERS)
    def release(self, owner: str) -> None:
        expected = [text(self.owned.pop(owner))] if owner in self.owned else []
        assert address_release(owner=owner) == expected

    @rule(owner=OWNERS, number=ENDS)
    def reserve(self, owner: str, number: int) -> None:
        taken = set(self.owned.values())
        possible = self.owned.get(owner) == number or (
            owner not in self.owned and number in self.allowed() - taken
        )
        try:
            address_reserve(address=text(number), owner=owner)
        except (Conflict, NotFound):
            assert not possible
        else:
            assert possible
            self.owned[owner] = number

    @rule(one=ENDS, other=ENDS)
    def reserve_range(self, one: int, other: int) -> None:
        first, last = sorted((one, other))
        inside = range(first, last + 1)
        row = ReservedRange(pool=self.pool, first=text(first), last=text(last))
        possible = self.first <= first and last <= self.last
        possible = possible and not set(inside) & set(self.owned.values())
        try:
            reserved_range_save(reserved=row)
        except Invalid:
            assert not possible
        else:
            assert possible
            self.reserved[row.pk] = inside

    @rule(data=st.data())
    def free_range(self, data: st.DataObject) -> None:
        if self.reserved:
            key = data.draw(st.sampled_from(sorted(self.reserved)))
            reserved_range_delete(reserved=ReservedRange.objects.get(pk=key))
            del self.reserved[key]

    @rule(one=ENDS, other=ENDS)
    def resize(self, one: int, other: int) -> None:
        before = self.first, self.last
        self.first, self.last = sorted((one, other))
        possible = set(self.owned.values()) <= self.allowed()
        pool = Pool.objects.get(pk=self.pool.pk)
        pool.first, pool.last = text(self.first), text(self.last)
        try:
            pool_save(pool=pool)
        except Invalid:
            assert not possible
            self.first, self.last = before
        else:
            assert possible
            self.pool = pool

    @invariant()
    def the_books_balance(self) -> None:
        assert_books_balance(self.pool)

    @invariant()
    def the_usage_is_that_of_the_model(self) -> None:
        (usage,) = pool_usages()
        assert (usage.capacity, usage.used) == (len(self.allowed()), len(self.owned))


@pytest.mark.django_db
def test_no_history_loses_an_address_or_hands_one_out_twice() -> None:
    run_state_machine_as_test(
        History,
        settings=settings(
            max_examples=25,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
