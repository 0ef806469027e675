"""Hands out addresses.

Each write is one statement in a transaction of its own. So a process that dies leaves nothing
half done, and no allocator ever waits for another one that dawdles.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection

from bearman.lib.errors import Busy, Invalid, NotFound, PoolExhausted
from bearman.lib.issues import addresses
from ipman import texts
from ipman.models import Purpose
from ipman.selectors import Candidate, candidates, shortage
from ipman.services.allocated import AllocatedAddress
from ipman.services.owners import has_already, is_duplicate, owner_check
from ipman.services.refill import pool_refill
from ipman.transactions import refuse_inside_transaction

# How often others may allocate and release the very same owner and key while we look.
_ATTEMPTS = 5

_CLAIM = """
UPDATE ipman_address
SET owner = %(owner)s, key = %(key)s, allocated_at = statement_timestamp(), changed_by = %(actor)s
WHERE address = (
    SELECT address FROM ipman_address
    WHERE pool_id = %(pool)s AND owner IS NULL AND available_at <= statement_timestamp()
    ORDER BY available_at, address
    LIMIT 1
    FOR UPDATE {skip_locked}
)
RETURNING address, allocated_at
"""
# The first passes over what others are just taking. The second waits for them, so that the last
# address is not missed when one of them gives it up.
_CLAIM_AT_ONCE = _CLAIM.format(skip_locked="SKIP LOCKED")
_CLAIM_PATIENTLY = _CLAIM.format(skip_locked="")


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants what kind of address."""

    zone: str
    purpose: str
    owner: str
    key: str
    family: int
    pool: str
    actor: str

    def __str__(self) -> str:
        family = f"IPv{self.family} addresses" if self.family else "addresses"
        pool = f" from pool {self.pool}" if self.pool else ""
        return f"{self.purpose} {family} in zone {self.zone}{pool}"

    def fits(self, pool: Candidate) -> bool:
        """Tell whether an address of `pool` is what is wanted."""
        return (
            (pool.zone, pool.purpose) == (self.zone, self.purpose)
            and self.family in (0, pool.family)
            and self.pool in ("", pool.name)
        )


def address_allocate(
    *,
    zone: str,
    purpose: str,
    owner: str,
    key: str = "",
    family: int = 0,
    pool: str = "",
    actor: str = "",
) -> AllocatedAddress:
    """Give `owner` the address that it has under `key` (default: the purpose), or the next free.

    `family` is 4, 6 or 0 for either; `pool` narrows to one pool by name; `actor` is who asked.
    Raises Invalid, NotFound (no pool for it), PoolExhausted, Conflict (the owner has an address of
    another kind under that key) or Busy. Commits by itself: not for use inside a transaction.
    """
    refuse_inside_transaction()
    wish = Wish(zone, purpose, owner, key or purpose, family, pool, actor)
    _check(wish)
    for _ in range(_ATTEMPTS):
        try:
            return _allocate(wish)
        except IntegrityError as error:
            if not is_duplicate(error):
                raise  # else somebody was faster: the next look finds their address
    raise Busy(f"Others keep allocating and releasing the address {wish.key!r} of {owner}.")


def _check(wish: Wish) -> None:
    owner_check(owner=wish.owner, key=wish.key)
    texts.check("zone", wish.zone, texts.NAME_LENGTH)
    texts.check("pool", wish.pool, texts.NAME_LENGTH)
    if wish.purpose not in Purpose.values:
        raise Invalid(f"`purpose` must be one of {', '.join(Purpose.values)}.")
    if wish.family not in (0, 4, 6):
        raise Invalid("`family` must be 4, 6, or 0 for either.")
    if not wish.zone:
        raise Invalid("`zone` is missing.", advice="Send the availability zone's short name.")


def _allocate(wish: Wish) -> AllocatedAddress:
    pools = candidates(zone=wish.zone, purpose=wish.purpose, owner=wish.owner, key=wish.key)
    for pool in pools:
        if pool.present is not None and pool.present_since is not None:
            return _present(pool, pool.present, pool.present_since, wish)
    fitting = [pool for pool in pools if wish.fits(pool)]
    if not fitting:
        raise NotFound(
            f"There is no enabled pool for {wish}.",
            issue=addresses.NO_POOL,
        )
    for pool in fitting:
        if found := _from_pool(pool, wish):
            return _given(pool, *found, wish, created=True)
    raise _exhausted(fitting, wish)


def _present(pool: Candidate, address: str, since: datetime, wish: Wish) -> AllocatedAddress:
    present = _given(pool, address, since, wish, created=False)
    if not wish.fits(pool):
        raise has_already(present, str(wish))
    return present


def _given(
    pool: Candidate, address: str, since: datetime, wish: Wish, *, created: bool
) -> AllocatedAddress:
    return AllocatedAddress(
        address=address,
        prefix_length=pool.prefix_length,
        gateway=pool.gateway,
        vlan_id=pool.vlan_id,
        pool=pool.name,
        zone=pool.zone,
        purpose=pool.purpose,
        owner=wish.owner,
        key=wish.key,
        allocated_at=since,
        created=created,
    )


def _from_pool(pool: Candidate, wish: Wish) -> tuple[str, datetime] | None:
    while True:
        if found := _claim(_CLAIM_AT_ONCE, pool, wish):
            return found
        if not pool_refill(pool_id=pool.id):
            return _claim(_CLAIM_PATIENTLY, pool, wish)


def _claim(statement: str, pool: Candidate, wish: Wish) -> tuple[str, datetime] | None:
    values: dict[str, Any] = {
        "owner": wish.owner,
        "key": wish.key,
        "actor": wish.actor,
        "pool": pool.id,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found: tuple[str, datetime] | None = cursor.fetchone()
    return found


def _exhausted(pools: list[Candidate], wish: Wish) -> PoolExhausted:
    short = shortage(pool_ids=[pool.id for pool in pools])
    names = ", ".join(pool.name for pool in pools)
    rest = ""
    if short.next_free_at is not None:
        rest = f" and {short.resting} rest, the first until {short.next_free_at:%F %T} UTC"
    return PoolExhausted(
        f"No address is left in {names}: {short.used} are in use{rest}.",
        advice=f"Release what nobody needs, or widen a pool or add one for {wish.purpose} in zone "
        f"{wish.zone} in the Admin under Addresses, Pools.",
        issue=addresses.POOL_EXHAUSTED,
    )
