"""Makes and changes pools and the ranges reserved in them."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.db import IntegrityError, OperationalError, transaction
from psycopg.errors import DeadlockDetected
from psycopg.errors import IntegrityError as IntegrityViolation

from bearman.lib.errors import Conflict, Invalid
from ipman.layout import from_texts, to_texts
from ipman.models import Address, Pool, ReservedRange
from ipman.models.address import AddressQuerySet, named
from ipman.spans import Span, merged, without

# What a caller may change; the other columns may have moved on since it read them.
_EDITABLE = [
    field.name for field in Pool._meta.concrete_fields if field.editable and not field.primary_key
]


def pool_save(*, pool: Pool) -> None:
    """Write a new or changed pool; raises Invalid where it breaks a rule, as `Pool.clean` says."""
    with _layout_changes(pool):
        _check(pool)
        if pool._state.adding:
            pool.save()
        else:
            pool.save(update_fields=_EDITABLE)


def pool_delete(*, pool: Pool) -> None:
    """Delete a pool and what was reserved in it; raises Conflict while addresses are in use."""
    with transaction.atomic():
        Pool.objects.select_for_update().get(pk=pool.pk)
        _drop(Address.objects.filter(pool=pool), pool)
        pool.delete()


def reserved_range_save(*, reserved: ReservedRange) -> None:
    """Write a new or changed reserved range; raises Invalid, or Conflict with addresses in use."""
    with _layout_changes(reserved.pool):
        _check(reserved)
        reserved.save()


def reserved_range_delete(*, reserved: ReservedRange) -> None:
    """Remove a reserved range: its addresses may be handed out again."""
    with _layout_changes(reserved.pool):
        reserved.delete()


@contextmanager
def _layout_changes(pool: Pool) -> Iterator[None]:
    """Bring `fresh` and the rows in line with what the block changes on the pool's layout.

    The pool's lock keeps refills and reservations away until the commit.
    """
    try:
        with transaction.atomic():
            before = _allowed(Pool.objects.select_for_update().filter(pk=pool.pk).first())
            yield
            _relayout(Pool.objects.get(pk=pool.pk), before)
    except (IntegrityError, OperationalError) as error:
        # Several that overlap may wait for each other; PostgreSQL ends all but one as a deadlock.
        if not isinstance(error.__cause__, IntegrityViolation | DeadlockDetected):
            raise
        raise Conflict(
            f"Pool {pool} clashes with one that was saved at the same moment.",
            advice="Look at the list of pools, and try again.",
        ) from error


def _allowed(pool: Pool | None) -> list[Span]:
    return pool.layout.allowed() if pool else []


def _relayout(pool: Pool, before: list[Span]) -> None:
    after = _allowed(pool)
    lost, gained = without(before, after), without(after, before)
    _drop(Address.objects.filter(pool=pool).within(lost, pool.family), pool)
    fresh = merged([*without(from_texts(pool.fresh), lost), *gained])
    pool.fresh = to_texts(fresh, pool.family)
    pool.save(update_fields=["fresh"])


def _drop(rows: AddressQuerySet, pool: Pool) -> None:
    """Delete rows that nobody has; raises Conflict if somebody has one.

    In this order: the DELETE waits for allocators who are just taking one of them, and passes
    over what they took.
    """
    rows.unowned().delete()
    if rows.exists():
        raise Conflict(
            f"In pool {pool}, addresses in use would be lost: {named(rows)}.",
            advice="Release them first.",
        )


def _check(row: Pool | ReservedRange) -> None:
    try:
        row.full_clean()
    except ValidationError as error:
        raise Invalid(" ".join(error.messages)) from error
