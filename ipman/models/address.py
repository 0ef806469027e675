"""One address that somebody has or had, or that lies ready."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from ipman.layout import to_texts
from ipman.spans import Span
from ipman.texts import KEY_LENGTH, OWNER_LENGTH

_NAMED = 3  # a sentence names so many addresses and counts the others


class AddressQuerySet(models.QuerySet["Address"]):
    """The states that an address can be in."""

    def in_use(self) -> Self:
        """Those that somebody has."""
        return self.filter(owner__isnull=False)

    def unowned(self) -> Self:
        """Those that nobody has: free or resting."""
        return self.filter(owner=None)

    def resting(self) -> Self:
        """Those that were released, and may not be handed out yet."""
        return self.filter(owner=None, available_at__gt=Now())

    def free(self) -> Self:
        """Those that may be handed out now."""
        return self.filter(owner=None, available_at__lte=Now())

    def within(self, spans: Iterable[Span], family: int) -> Self:
        """Those in one of `spans`."""
        pairs = to_texts(list(spans), family)
        if not pairs:
            return self.none()
        return self.filter(reduce(or_, (Q(address__range=pair) for pair in pairs)))


class Address(models.Model):
    """An address of a pool.

    Rows come into being some hundred at a time, when a pool runs out of them (`Pool.fresh`).
    """

    address = models.GenericIPAddressField(primary_key=True)
    pool = models.ForeignKey("ipman.Pool", on_delete=models.PROTECT, related_name="addresses")
    owner = models.CharField(
        max_length=OWNER_LENGTH, null=True, blank=True, help_text="Whose it is."
    )
    key = models.CharField(
        max_length=KEY_LENGTH,
        blank=True,
        db_default="",
        help_text="Which of the owner's addresses it is.",
    )
    allocated_at = models.DateTimeField(null=True, blank=True)
    available_at = models.DateTimeField(
        db_default=Now(), help_text="While nobody has it: when it may be handed out."
    )
    released_at = models.DateTimeField(null=True, blank=True)
    last_owner = models.CharField(max_length=OWNER_LENGTH, blank=True, db_default="")
    changed_by = models.CharField(
        max_length=150,
        blank=True,
        db_default="",
        help_text="Who allocated or released it; empty for Bearman itself.",
    )

    objects = AddressQuerySet.as_manager()

    class Meta:
        ordering = ["address"]
        verbose_name_plural = "addresses"
        permissions = [
            ("allocate_address", "Can allocate and reserve addresses"),
            ("release_address", "Can release addresses"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "key"],
                condition=Q(owner__isnull=False),
                name="ipman_address_owner_key",
            ),
            models.CheckConstraint(
                condition=Q(owner=None, key="", allocated_at=None)
                | Q(owner__gt="", key__gt="", allocated_at__isnull=False),
                name="ipman_address_owned_or_not",
            ),
        ]
        indexes = [
            # In the order in which free addresses are handed out.
            models.Index(
                fields=["pool", "available_at", "address"],
                condition=Q(owner=None),
                name="ipman_address_free",
            ),
        ]

    def __str__(self) -> str:
        return self.address

    @property
    def state(self) -> str:
        """`in use`, `resting` or `free`, as the query set's methods of those names."""
        if self.owner is not None:
            return "in use"
        return "resting" if self.available_at > timezone.now() else "free"


def named(addresses: AddressQuerySet) -> str:
    """Return a list for a sentence: `10.0.0.5 (node:3), 10.0.0.6 (node:4) and 12 more`."""
    shown = ", ".join(f"{row.address} ({row.owner})" for row in addresses[:_NAMED])
    more = addresses.count() - _NAMED
    return f"{shown} and {more} more" if more > 0 else shown
