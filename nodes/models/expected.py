"""Machines that are to arrive, and the files from which that is known."""

from datetime import date
from uuid import uuid4

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Coalesce, Now, Upper
from django.utils import timezone

from nodes.expected.entry import MAX_RACK, MAX_SERIAL, MAX_TEXT, MAX_UNIT, place_words
from nodes.expected.memory import MemoryPlan, parse_memory
from nodes.models.node import Node
from nodes.models.zone import AvailabilityZone
from nodes.validators import validate_mac, validate_memory
from profiles.models import Flavor


class ExpectedMachine(models.Model):
    """A machine that was ordered: who it will be, where it belongs, and what must be in it.

    Serial numbers are compared without regard to case; two machines never have one place.
    """

    serial = models.CharField(max_length=MAX_SERIAL, help_text="As the machine's label has it.")
    vendor = models.CharField(
        max_length=MAX_TEXT, blank=True, help_text="Its first word counts, or a shell pattern."
    )
    model = models.CharField(
        max_length=MAX_TEXT,
        blank=True,
        help_text="The product name, its last words (`R640`), or a shell pattern (`*R640*`).",
    )
    rack = models.CharField(max_length=MAX_RACK, blank=True)
    unit = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_UNIT)],
        help_text="The lowest of its units, counted from the floor.",
    )
    flavor = models.ForeignKey(
        Flavor, on_delete=models.PROTECT, null=True, blank=True, related_name="expected"
    )
    zone = models.ForeignKey(
        AvailabilityZone,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="expected",
        verbose_name="availability zone",
    )
    memory = models.CharField(
        max_length=12,
        blank=True,
        validators=[validate_memory],
        help_text="Modules and the size of each in GiB, such as `16x32`.",
    )
    mac = models.CharField(
        max_length=17,
        blank=True,
        validators=[validate_mac],
        verbose_name="MAC",
        help_text="Of any of its interfaces; by it the machine is found if not by its serial.",
    )
    asset_tag = models.CharField(max_length=MAX_TEXT, blank=True)
    due = models.DateField(null=True, blank=True, help_text="When it is to be there at the latest.")
    note = models.CharField(max_length=MAX_TEXT, blank=True)
    node = models.OneToOneField(
        Node, on_delete=models.SET_NULL, null=True, blank=True, related_name="expected"
    )
    arrived_at = models.DateTimeField(null=True, blank=True)
    imported_at = models.DateTimeField(db_default=Now())
    imported_by = models.CharField(max_length=150)

    class Meta:
        verbose_name = "expected machine"
        ordering = ["serial"]
        constraints = [
            models.UniqueConstraint(
                Upper("serial"),
                name="expected_serial",
                violation_error_message="Another expected machine has this serial number.",
            ),
            models.UniqueConstraint(
                Coalesce("zone_id", 0),
                Upper("rack"),
                "unit",
                condition=~models.Q(rack="") & models.Q(unit__isnull=False),
                name="expected_place",
                violation_error_message="Another expected machine has this place.",
            ),
            models.UniqueConstraint(
                fields=["mac"],
                condition=~models.Q(mac=""),
                name="expected_mac",
                violation_error_message="Another expected machine has this MAC address.",
            ),
            models.UniqueConstraint(
                Upper("asset_tag"),
                condition=~models.Q(asset_tag=""),
                name="expected_asset_tag",
                violation_error_message="Another expected machine has this asset tag.",
            ),
        ]

    def __str__(self) -> str:
        name = " ".join(filter(None, (self.vendor, self.model)))
        return f"{name} {self.serial}".strip()

    @property
    def place(self) -> str:
        """Return rack and unit as people say them; empty where nobody said."""
        return place_words(self.rack, self.unit)

    @property
    def memory_plan(self) -> MemoryPlan | None:
        """Return how much memory it must have."""
        return parse_memory(self.memory) if self.memory else None

    @property
    def days_late(self) -> int:
        """Return for how many days it should have been there; 0 for one that is not late."""
        if self.node_id is not None or self.due is None:
            return 0
        return max(0, (timezone.localdate() - self.due).days)

    def is_due(self, day: date) -> bool:
        """Say whether it should have been there by that day."""
        return self.due is None or self.due <= day


class ExpectedImport(models.Model):
    """A file that somebody gave, checked or already taken; kept so that it can be looked up."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    name = models.CharField(max_length=200)
    data = models.BinaryField()
    by = models.CharField(max_length=150)
    at = models.DateTimeField(db_default=Now())
    taken_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "import of expected machines"
        ordering = ["-at"]

    def __str__(self) -> str:
        return self.name
