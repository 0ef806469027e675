"""The time line of a node."""

from django.db import models
from django.db.models.functions import Now

from nodes.models.node import ISSUE, Node


class EventKind(models.TextChoices):
    """What kind of thing happened."""

    STATUS = "status"
    PROGRESS = "progress"
    FAILURE = "failure"
    WARNING = "warning"
    INVENTORY = "inventory"
    ADDRESS = "address"
    POWER = "power"
    OPERATOR = "operator"


class NodeEvent(models.Model):
    """One thing that happened to a node. Rows are only ever added: a trigger refuses the rest."""

    # Without an index of its own: the one below begins with it.
    node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="events", db_index=False)
    at = models.DateTimeField(db_default=Now())
    actor = models.CharField(max_length=150)
    kind = models.CharField(max_length=12, choices=EventKind.choices)
    from_status = models.CharField(max_length=16, blank=True)
    to_status = models.CharField(max_length=16, blank=True)
    step = models.CharField(max_length=40, blank=True)
    issue = models.CharField(max_length=ISSUE, blank=True, db_default="")
    message = models.CharField(max_length=1000)
    log_tail = models.TextField(blank=True)

    class Meta:
        verbose_name = "event"
        ordering = ["-id"]
        indexes = [models.Index(fields=["node", "-id"]), models.Index(fields=["at"])]

    def __str__(self) -> str:
        return self.message
