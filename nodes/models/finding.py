"""What is wrong with a node, or worth a look, as its last check found it."""

from django.db import models
from django.db.models.functions import Now

from bearman.lib.issues import Severity
from nodes.models.node import ISSUE, Node


class FindingSource(models.TextChoices):
    """Which check found it; each replaces its own findings only."""

    WIRING = "wiring"
    FIRMWARE = "firmware"
    EXPECTED = "expected"


class Finding(models.Model):
    """One finding of the last check of its kind; the next check of that kind replaces it."""

    node = models.ForeignKey(
        Node, on_delete=models.CASCADE, related_name="findings", db_index=False
    )
    source = models.CharField(max_length=12, choices=FindingSource.choices)
    issue = models.CharField(max_length=ISSUE, db_index=True)
    severity = models.CharField(max_length=8, choices=[(s.value, s.value) for s in Severity])
    subject = models.CharField(max_length=100, blank=True)
    message = models.CharField(max_length=1000)
    advice = models.CharField(max_length=1000, blank=True)
    found_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["node", "source", "issue", "subject"], name="finding_once"
            ),
        ]

    def __str__(self) -> str:
        return self.message
