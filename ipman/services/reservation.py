"""Gives an owner one particular address."""

from ipaddress import ip_address

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from bearman.lib.addresses import address_or_none
from bearman.lib.errors import Busy, Conflict, Invalid, NotFound
from ipman.layout import from_texts, to_texts
from ipman.models import Address, Pool
from ipman.services.allocated import AllocatedAddress
from ipman.services.owners import has_already, is_duplicate, owner_check
from ipman.spans import Span, without
from ipman.transactions import refuse_inside_transaction


def address_reserve(
    *, address: str, owner: str, key: str = "", actor: str = ""
) -> AllocatedAddress:
    """Give `owner` this address under `key` (default: its pool's purpose), also while it rests.

    Raises Invalid, NotFound (in no pool), Conflict (it is never handed out, or somebody else's, or
    the owner has another one under that key) or Busy. Commits by itself, as `address_allocate`.
    """
    refuse_inside_transaction()
    owner_check(owner=owner, key=key)
    canonical = address_or_none(address)
    if canonical is None:
        raise Invalid(f"{address[:64]!r} is not an IP address.")
    try:
        with transaction.atomic():
            return _reserve(canonical, owner, key, actor)
    except IntegrityError as error:
        if not is_duplicate(error):
            raise
        raise Busy(f"{owner} is just given another address; ask again.") from error


def _reserve(address: str, owner: str, key: str, actor: str) -> AllocatedAddress:
    pool = _locked_pool(address)
    key = key or pool.purpose
    rows = Address.objects.select_related("pool")
    if mine := rows.filter(owner=owner, key=key).first():
        present = AllocatedAddress.of(mine, created=False)
        if present.address != address:
            raise has_already(present, address)
        return present
    row = _locked_row(pool, address)
    if row.owner is not None:
        raise Conflict(
            f"{address} belongs to {row.owner}.",
            advice="Reserve another address, or release this one first.",
        )
    Address.objects.filter(pk=address).update(
        owner=owner, key=key, changed_by=actor, allocated_at=Now()
    )
    return AllocatedAddress.of(rows.get(pk=address), created=True)


def _locked_pool(address: str) -> Pool:
    """Return the pool around `address`, so locked that its layout stays as it is."""
    pools = Pool.objects.select_for_update().filter(first__lte=address, last__gte=address)
    pool = pools.first()
    if pool is None:
        raise NotFound(
            f"{address} is in no pool.", advice="Add one in the Admin under Addresses, Pools."
        )
    number = int(ip_address(address))
    if not any(first <= number <= last for first, last in pool.layout.allowed()):
        raise Conflict(
            f"{address} is never handed out: pool {pool.name} reserves it, or it is its gateway or "
            "its network's own.",
            advice="Remove the reserved range in the Admin under Addresses, Pools.",
        )
    return pool


def _locked_row(pool: Pool, address: str) -> Address:
    """Return the row of `address`, made now where it was fresh."""
    row = Address.objects.select_for_update().filter(pk=address).first()
    if row is None:
        number = int(ip_address(address))
        fresh = without(from_texts(pool.fresh), [Span(number, number)])
        pool.fresh = to_texts(fresh, pool.family)
        pool.save(update_fields=["fresh"])
        row = Address.objects.create(address=address, pool=pool)
    return row
