"""What is kept of an operator's token."""

from django.conf import settings
from django.db import models


class OperatorToken(models.Model):
    """A personal token: it carries its user's permissions, and only its hash is kept."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="operator_tokens"
    )
    name = models.CharField(
        max_length=100, help_text="What it is for; for example a program's name."
    )
    digest = models.BinaryField(unique=True, editable=False, max_length=32)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "name"],
                condition=models.Q(revoked_at=None),
                name="operator_token_name",
                violation_error_message="This user has a token of that name already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.name}"
