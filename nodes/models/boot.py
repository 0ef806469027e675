"""Who asked what to boot, with which token, and from where asking is allowed."""

from django.db import models
from django.db.models.functions import Now

from nodes.models.node import Node
from nodes.validators import validate_network


class BootRequest(models.Model):
    """A machine asked /ipxe: either its boot token (as a hash), or the note that it got none.

    Refused machines have one row each, counted, so that the Admin can list them as seen.
    """

    uuid = models.UUIDField(verbose_name="UUID")
    source = models.GenericIPAddressField()
    purpose = models.CharField(max_length=12)
    granted = models.BooleanField()
    digest = models.BinaryField(unique=True, max_length=32)
    asked_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(db_index=True)
    times = models.PositiveIntegerField(default=1)
    reports = models.PositiveIntegerField(default=0)
    # When this boot had its cables, and its firmware, compared.
    wiring_at = models.DateTimeField(null=True)
    firmware_at = models.DateTimeField(null=True)
    # What a machine said that failed before it could register, or why one got nothing.
    step = models.CharField(max_length=40, blank=True, db_default="")
    message = models.CharField(max_length=1000, blank=True, db_default="")
    node = models.ForeignKey(
        Node, on_delete=models.CASCADE, null=True, blank=True, related_name="boot_requests"
    )

    class Meta:
        # What people are shown of these rows are the machines that were turned away.
        verbose_name = "seen machine"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["uuid", "source"],
                condition=models.Q(granted=False),
                name="boot_request_refused_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.uuid} from {self.source}"


class EnrolmentWindow(models.Model):
    """A span of time in which unknown machines of a network may register."""

    network = models.CharField(max_length=43, validators=[validate_network])
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-opens_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(closes_at__gt=models.F("opens_at")),
                name="enrolment_window_order",
                violation_error_message="The window must close after it opens.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.network} until {self.closes_at:%Y-%m-%d %H:%M}"
