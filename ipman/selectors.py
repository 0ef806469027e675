"""Reads on pools and addresses."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_network
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Now

from ipman import texts
from ipman.models import Address, Pool
from ipman.models.address import AddressQuerySet
from ipman.spans import size


@dataclass(frozen=True, slots=True)
class PoolUsage:
    """A pool and how much of it is taken."""

    pool: Pool
    capacity: int  # without reserved ranges and other addresses that are never handed out
    used: int
    resting: int

    @property
    def free(self) -> int:
        """How many could be handed out now."""
        return self.capacity - self.used - self.resting

    @property
    def percent(self) -> int:
        """How much cannot be handed out now, rounded down: 100 means that nothing is left."""
        return 100 * (self.used + self.resting) // self.capacity if self.capacity else 100

    @property
    def alert_percent(self) -> int:
        """From where on the pool is nearly full."""
        return self.pool.alert_percent or settings.IPMAN_ALERT_PERCENT

    @property
    def nearly_full(self) -> bool:
        """True at or over the alert threshold."""
        return self.percent >= self.alert_percent

    @property
    def exhausted(self) -> bool:
        """True once there is nothing to hand out."""
        return self.free <= 0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pool that may serve somebody, and the address that they have in it already."""

    id: int
    name: str
    zone: str
    purpose: str
    family: int
    prefix_length: int
    gateway: str | None
    vlan_id: int | None
    present: str | None
    present_since: datetime | None


@dataclass(frozen=True, slots=True)
class Shortage:
    """Why pools have nothing to hand out."""

    used: int
    resting: int
    next_free_at: datetime | None


@dataclass(frozen=True, slots=True)
class AddressFilter:
    """Which addresses to list; what is empty does not narrow."""

    pool: str = ""
    zone: str = ""
    purpose: str = ""
    owner: str = ""

    def __post_init__(self) -> None:
        texts.check("pool", self.pool, texts.NAME_LENGTH)
        texts.check("zone", self.zone, texts.NAME_LENGTH)
        texts.check("owner", self.owner, texts.OWNER_LENGTH)


_CANDIDATES = """
SELECT pool.id, pool.name, pool.zone, pool.purpose, family(pool.first), pool.prefix_length,
    pool.gateway, pool.vlan_id, address.address, address.allocated_at
FROM ipman_pool AS pool
LEFT JOIN ipman_address AS address
    ON address.pool_id = pool.id AND address.owner = %(owner)s AND address.key = %(key)s
WHERE address.address IS NOT NULL
    OR pool.zone = %(zone)s AND pool.purpose = %(purpose)s AND pool.enabled
ORDER BY pool.priority, pool.name
"""


def pools_with_counts() -> QuerySet[Pool]:
    """Return all pools with what `pool_usage` needs, in two queries for however many pools."""
    return Pool.objects.annotate(
        used_count=_count(Address.objects.in_use()),
        resting_count=_count(Address.objects.resting()),
    ).prefetch_related("reserved_ranges")


def _count(rows: AddressQuerySet) -> Coalesce:
    """Return how many of `rows` a pool has: a subquery, so that a count of pools can drop it."""
    of_pool = rows.filter(pool=OuterRef("pk")).order_by().values("pool")
    return Coalesce(Subquery(of_pool.annotate(n=Count("pk")).values("n")), 0)


def pool_usage(pool: Pool) -> PoolUsage:
    """Return the usage of a pool that comes from `pools_with_counts`."""
    counts: Any = pool
    return PoolUsage(
        pool=pool,
        capacity=size(pool.layout.allowed()),
        used=counts.used_count,
        resting=counts.resting_count,
    )


def pool_usages(*, zone: str = "", purpose: str = "") -> list[PoolUsage]:
    """Return the usage of all pools, or of those of a zone or purpose, by name."""
    texts.check("zone", zone, texts.NAME_LENGTH)
    kind = {"zone": zone, "purpose": purpose}
    pools = pools_with_counts().filter(**{name: value for name, value in kind.items() if value})
    return [pool_usage(pool) for pool in pools]


def candidates(*, zone: str, purpose: str, owner: str, key: str) -> list[Candidate]:
    """Return the enabled pools of a zone and purpose in the order in which they are tried.

    With them comes the pool in which `owner` has an address under `key` already, whatever it is.
    One query, and no model instances: this is half of the work of an allocation.
    """
    values = {"zone": zone, "purpose": purpose, "owner": owner, "key": key}
    with connection.cursor() as cursor:
        cursor.execute(_CANDIDATES, values)
        return [Candidate(*row) for row in cursor.fetchall()]


def shortage(*, pool_ids: list[int]) -> Shortage:
    """Return what of these pools is used and rests, and when the first address is free again."""
    resting = Q(owner=None, available_at__gt=Now())
    found = Address.objects.filter(pool__in=pool_ids).aggregate(
        used=Count("pk", filter=Q(owner__isnull=False)),
        resting=Count("pk", filter=resting),
        next_free_at=Min("available_at", filter=resting),
    )
    return Shortage(**found)


def addresses_page(
    *, wanted: AddressFilter, after: str = "", limit: int = 100
) -> tuple[list[Address], str]:
    """Return up to `limit` addresses in use above `after`, and where the next page starts.

    The latter is empty on the last page.
    """
    rows = Address.objects.in_use().select_related("pool").order_by("address")
    kind = {
        "pool__name": wanted.pool,
        "pool__zone": wanted.zone,
        "pool__purpose": wanted.purpose,
        "owner": wanted.owner,
        "address__gt": after,
    }
    rows = rows.filter(**{name: value for name, value in kind.items() if value})
    page = list(rows[: limit + 1])
    return page[:limit], page[limit - 1].address if len(page) > limit else ""


def addresses_matching(words: str) -> Q:
    """Return what a person searches for: a network, an address or its beginning, or an owner."""
    text = words.strip().replace("\x00", "")
    with suppress(ValueError):
        network = ip_network(text, strict=False)
        return Q(address__range=(str(network[0]), str(network[-1])))
    owner = Q(owner__icontains=text) | Q(last_owner__icontains=text)
    return owner | Q(address__startswith=text.lower())
