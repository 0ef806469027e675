"""The machine itself."""

from uuid import uuid4

from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Cast, Concat, Lower, Now

from nodes.expected.entry import place_words
from nodes.models.zone import AvailabilityZone
from nodes.states import DECISIONS, NOT_AT_REST, NOT_OWNERS, Decision, NodeStatus
from profiles.models import Flavor

# What a firmware string may take; longer ones are cut where they are parsed.
TEXT = 256
ISSUE = 12  # a code of the issue catalogue, such as WIRE-003


class Node(models.Model):
    """One physical machine: who it is, what it is made of, and where it is in its life."""

    # Its name in other systems; unlike the row's number, no other installation has it.
    key = models.UUIDField(default=uuid4, unique=True, editable=False)

    # Identity. Two live machines never share a UUID, unless an operator decided that the newcomer,
    # which is quarantined, is a machine of its own.
    uuid = models.UUIDField(null=True, blank=True, db_index=True, verbose_name="UUID")
    serial = models.CharField(max_length=TEXT, blank=True)
    vendor = models.CharField(max_length=TEXT, blank=True)
    product_name = models.CharField(max_length=TEXT, blank=True)
    sku = models.CharField(max_length=TEXT, blank=True, verbose_name="SKU")
    asset_tag = models.CharField(max_length=TEXT, blank=True)
    board_vendor = models.CharField(max_length=TEXT, blank=True)
    board_product = models.CharField(max_length=TEXT, blank=True)
    board_serial = models.CharField(max_length=TEXT, blank=True, db_index=True)
    chassis_type = models.CharField(max_length=TEXT, blank=True)
    chassis_serial = models.CharField(max_length=TEXT, blank=True)

    # What a search looks through: one column in lower case is read several times as fast as four.
    searched = models.GeneratedField(
        expression=Lower(
            Concat(
                *("serial", Value(" "), "vendor", Value(" "), "product_name", Value(" ")),
                Cast("uuid", models.TextField()),
                output_field=models.TextField(),
            )
        ),
        output_field=models.TextField(),
        db_persist=True,
    )

    # Inventory in short; the rest is in hardware.py.
    bios_vendor = models.CharField(max_length=TEXT, blank=True, verbose_name="BIOS vendor")
    bios_version = models.CharField(max_length=TEXT, blank=True, verbose_name="BIOS version")
    bios_date = models.DateField(null=True, blank=True, verbose_name="BIOS date")
    bmc_version = models.CharField(
        max_length=TEXT, blank=True, db_default="", verbose_name="BMC firmware"
    )
    cpu_model = models.CharField(max_length=TEXT, blank=True, verbose_name="CPU")
    cpu_sockets = models.PositiveIntegerField(default=0, verbose_name="CPU sockets")
    cpu_cores = models.PositiveIntegerField(null=True, blank=True, verbose_name="CPU cores")
    cpu_threads = models.PositiveIntegerField(null=True, blank=True, verbose_name="CPU threads")
    memory_bytes = models.PositiveBigIntegerField(default=0)
    warnings = models.JSONField(default=list, blank=True)

    # Place. Without indexes of their own: those below begin with them.
    flavor = models.ForeignKey(
        Flavor,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="nodes",
        db_index=False,
    )
    zone = models.ForeignKey(
        AvailabilityZone,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="nodes",
        db_index=False,
        verbose_name="availability zone",
    )
    rack = models.CharField(max_length=32, blank=True, db_default="")
    unit = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="The lowest of its units, counted from the floor."
    )

    # Life.
    status = models.CharField(max_length=16, choices=[(s.value, s.value) for s in NodeStatus])
    step = models.CharField(max_length=40, blank=True)
    issue = models.CharField(
        max_length=ISSUE, blank=True, db_default="", help_text="Code in the issue catalogue."
    )
    reason = models.CharField(max_length=1000, blank=True)
    advice = models.CharField(max_length=1000, blank=True)
    deadline = models.DateTimeField(null=True, blank=True, db_index=True)
    power_off_due = models.DateTimeField(null=True, blank=True, db_index=True)
    clashes_with = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="clashing"
    )
    decision = models.CharField(
        max_length=8,
        blank=True,
        default="",
        db_default="",
        choices=[(decision.value, words) for decision, words in DECISIONS.items()],
        help_text="What was decided at the identity desk.",
    )
    same_as = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="former"
    )
    address = models.GenericIPAddressField(
        null=True, blank=True, help_text="The machine's own address when it last spoke."
    )
    first_seen = models.DateTimeField(db_default=Now())
    last_seen = models.DateTimeField(db_default=Now())
    proven_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["status", "-id"]),
            models.Index(fields=["zone", "-id"]),
            models.Index(fields=["flavor", "-id"]),
            models.Index(fields=["serial"]),
            models.Index(fields=["-last_seen"]),
            models.Index(fields=["rack", "unit"], name="node_place"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=[s.value for s in NodeStatus]), name="node_status_known"
            ),
            models.UniqueConstraint(
                fields=["uuid"],
                condition=~Q(status__in=sorted(s.value for s in NOT_OWNERS))
                & ~Q(decision=Decision.OWN.value),
                name="node_uuid_owner",
            ),
            models.CheckConstraint(
                condition=Q(status__in=sorted(s.value for s in NOT_OWNERS))
                | Q(uuid__isnull=False)
                | Q(decision=Decision.OWN.value),
                name="node_has_uuid",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=sorted(s.value for s in NOT_AT_REST))
                | Q(deadline__isnull=False),
                name="node_deadline_unless_at_rest",
            ),
        ]

    @property
    def place(self) -> str:
        """Return rack and unit as people say them; empty where nobody said."""
        return place_words(self.rack, self.unit)

    def __str__(self) -> str:
        name = f"{self.vendor} {self.product_name}".strip() or "machine"
        return f"{name} {self.serial or self.uuid or f'#{self.pk}'}"
