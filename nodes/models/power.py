"""What was asked of machines' power."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from nodes.models.node import Node
from nodes.power import UNDER_WAY, WORDS, PowerAction, PowerResult


class PowerRequest(models.Model):
    """One node of a batch: what was asked, by whom, and what came of it."""

    batch = models.UUIDField(editable=False)
    position = models.PositiveSmallIntegerField()
    node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="power_requests")
    action = models.CharField(
        max_length=12, choices=[(action.value, words.label) for action, words in WORDS.items()]
    )
    confirmed = models.BooleanField(help_text="Also where it switches off a machine in use.")
    actor = models.CharField(max_length=150)
    request_id = models.UUIDField(null=True, blank=True, editable=False)
    result = models.CharField(
        max_length=8,
        choices=[(result.value, result.value) for result in PowerResult],
        default=PowerResult.WAITING.value,
    )
    message = models.CharField(max_length=1000, blank=True)
    advice = models.CharField(max_length=1000, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)  # against a silent BMC
    asked_at = models.DateTimeField(db_default=Now())
    begun_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["asked_at"],
                condition=Q(result__in=sorted(result.value for result in UNDER_WAY)),
                name="power_request_under_way",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["batch", "position"], name="power_request_position"),
            # The same request twice is the same batch.
            models.UniqueConstraint(
                fields=["actor", "request_id", "position"], name="power_request_once"
            ),
            models.CheckConstraint(
                condition=Q(action__in=[action.value for action in PowerAction]),
                name="power_request_action",
            ),
            models.CheckConstraint(
                condition=Q(result__in=[result.value for result in PowerResult]),
                name="power_request_result",
            ),
        ]

    def __str__(self) -> str:
        return f"{WORDS[PowerAction(self.action)].label}: {self.node}"
