"""Ranges of addresses that IPman hands out."""

from __future__ import annotations

from ipaddress import ip_address

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from bearman.lib.addresses import address_or_none
from ipman.layout import Layout, from_texts
from ipman.models.address import Address, named
from ipman.spans import Span, without

MAX_VLAN = 4094  # IEEE 802.1Q-2018 section 9.6: 0 and 4095 are reserved
MAX_REST_SECONDS = 366 * 24 * 3600


class Purpose(models.TextChoices):
    """What a pool's addresses are for."""

    IPMI = "ipmi", "IPMI"
    SERVICE = "service", "service"


class Pool(models.Model):
    """A range of addresses in one network of one availability zone.

    Migration 0002 adds what PostgreSQL itself guards: the order and family of the addresses, the
    network around them, and that no two pools overlap. `clean` says the same in sentences.
    """

    name = models.SlugField(unique=True)
    zone = models.SlugField(db_index=False, help_text="Short name of the availability zone.")
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    first = models.GenericIPAddressField("first address")
    last = models.GenericIPAddressField("last address")
    prefix_length = models.PositiveSmallIntegerField(help_text="Of the network, such as 24.")
    gateway = models.GenericIPAddressField(
        null=True, blank=True, help_text="Never handed out, also where it lies in the range."
    )
    vlan_id = models.PositiveSmallIntegerField(
        "VLAN",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_VLAN)],
        help_text="1 to 4094; empty for untagged.",
    )
    priority = models.SmallIntegerField(
        default=100, help_text="Of several pools for a zone and purpose, the lowest is used first."
    )
    enabled = models.BooleanField(
        default=True, help_text="A pool that is off hands nothing out; what is in use stays."
    )
    rest_seconds = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MaxValueValidator(MAX_REST_SECONDS)],
        help_text="How long a released address rests; empty for BEARMAN_IPMAN_REST_SECONDS.",
    )
    alert_percent = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text="How full it may be before there is an alert; empty for "
        "BEARMAN_IPMAN_ALERT_PERCENT.",
    )
    note = models.CharField(max_length=200, blank=True)
    # Pairs [first, last] of addresses that have no row in Address yet. Only services write it.
    fresh = models.JSONField(default=list, editable=False)
    alerted_at = models.DateTimeField(null=True, editable=False)
    exhausted_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(purpose__in=Purpose.values), name="ipman_pool_purpose"
            ),
            models.CheckConstraint(
                condition=Q(vlan_id=None) | Q(vlan_id__range=(1, MAX_VLAN)), name="ipman_pool_vlan"
            ),
            models.CheckConstraint(
                condition=Q(alert_percent=None) | Q(alert_percent__range=(1, 100)),
                name="ipman_pool_alert_percent",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def family(self) -> int:
        """4 or 6."""
        return ip_address(self.first).version

    @property
    def layout(self) -> Layout:
        """Range, network and reservations as they are now; for unsaved pools without the latter."""
        rows = self.reserved_ranges.all() if self.pk else ()
        return Layout(
            first=ip_address(self.first),
            last=ip_address(self.last),
            prefix_length=self.prefix_length,
            gateway=ip_address(self.gateway) if self.gateway else None,
            reserved=tuple(from_texts([[row.first, row.last] for row in rows])),
        )

    def clean(self) -> None:
        """Raise ValidationError with a sentence for each rule that the pool breaks."""
        given = (self.first, self.last, self.gateway or self.first)
        if None in [address_or_none(text or "") for text in given] or self.prefix_length is None:
            return  # the fields have said so
        faults = dict(self.layout.faults())
        if faults:
            raise ValidationError(faults)
        self._refuse_overlap()
        before = Pool.objects.filter(pk=self.pk).first() if self.pk else None
        if before is not None:
            self._refuse_upheaval(before)

    def _refuse_overlap(self) -> None:
        other = (
            Pool.objects.exclude(pk=self.pk)
            .filter(first__lte=self.last, last__gte=self.first)
            .first()
        )
        if other is not None:
            raise ValidationError(
                {"first": f"The range overlaps pool {other.name} ({other.first} to {other.last})."}
            )

    def _refuse_upheaval(self, before: Pool) -> None:
        """Keep from the owners of addresses that their ground is moved away under them."""
        if self.family != before.family:
            raise ValidationError(
                {"first": f"{self.name} is an IPv{before.family} pool; make another one."}
            )
        kind = (self.zone, self.purpose)
        if kind != (before.zone, before.purpose) and self.addresses.in_use().exists():
            raise ValidationError(
                {"zone": f"{self.name} has addresses in use; its zone and purpose are fixed."}
            )
        self.refuse_loss(without(before.layout.allowed(), self.layout.allowed()))

    def refuse_loss(self, lost: list[Span]) -> None:
        """Raise ValidationError where addresses in use are within `lost`."""
        used = Address.objects.filter(pool=self).in_use().within(lost, self.family)
        if used.exists():
            raise ValidationError(
                f"In pool {self.name}, addresses in use would be lost: {named(used)}. "
                "Release them first."
            )
