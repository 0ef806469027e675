"""Parts of a pool that IPman leaves alone."""

from __future__ import annotations

from ipaddress import ip_address

from django.core.exceptions import ValidationError
from django.db import models

from bearman.lib.addresses import address_or_none
from ipman.models.pool import Pool
from ipman.spans import Span


class ReservedRange(models.Model):
    """Addresses within a pool that are never handed out, such as those of the switches."""

    pool = models.ForeignKey(Pool, on_delete=models.CASCADE, related_name="reserved_ranges")
    first = models.GenericIPAddressField("first address")
    last = models.GenericIPAddressField("last address")
    note = models.CharField(max_length=200, blank=True, help_text="What is there.")

    class Meta:
        ordering = ["first"]

    def __str__(self) -> str:
        return f"{self.first} to {self.last}"

    @property
    def span(self) -> Span:
        """The range as integers."""
        return Span(int(ip_address(self.first)), int(ip_address(self.last)))

    def clean(self) -> None:
        """Raise ValidationError where it is not in its pool or addresses in use are in it."""
        given = (self.first, self.last, self.pool.first, self.pool.last)
        if None in [address_or_none(text or "") for text in given]:
            return  # the fields have said so
        first, last = ip_address(self.first), ip_address(self.last)
        pool_first, pool_last = ip_address(self.pool.first), ip_address(self.pool.last)
        if not first.version == last.version == pool_first.version == pool_last.version:
            raise ValidationError(f"{self} and pool {self.pool} are not of the same family.")
        if int(first) > int(last):
            raise ValidationError({"last": f"{last} comes before {first}."})
        if int(first) < int(pool_first) or int(last) > int(pool_last):
            raise ValidationError(f"{self} is not within {pool_first} to {pool_last}.")
        if self.pool.pk:
            self.pool.refuse_loss([self.span])
