"""The time line of a deployment."""

from django.db import models
from django.db.models.functions import Now

from baremetal.models.baremetal import Baremetal


class EventKind(models.TextChoices):
    """What kind of thing happened."""

    STATE = "state"
    STEP = "step"
    PROGRESS = "progress"
    FAILURE = "failure"
    WARNING = "warning"
    POWER = "power"
    OPERATOR = "operator"


class BaremetalEvent(models.Model):
    """One thing that happened to a deployment. Rows are only ever added."""

    baremetal = models.ForeignKey(
        Baremetal, on_delete=models.PROTECT, related_name="events", db_index=False
    )
    at = models.DateTimeField(db_default=Now())
    actor = models.CharField(max_length=150)
    kind = models.CharField(max_length=12, choices=EventKind.choices)
    from_state = models.CharField(max_length=20, blank=True)
    to_state = models.CharField(max_length=20, blank=True)
    step = models.CharField(max_length=12, blank=True)
    issue = models.CharField(max_length=12, blank=True, db_default="")
    attempt = models.PositiveSmallIntegerField(default=1)
    message = models.CharField(max_length=1000)
    log_tail = models.TextField(blank=True)

    class Meta:
        verbose_name = "deployment event"
        ordering = ["-id"]
        indexes = [models.Index(fields=["baremetal", "-id"])]

    def __str__(self) -> str:
        return self.message
