"""The boot scripts that machines run in stage one."""

from django.db import models
from django.db.models.functions import Now


class BootScript(models.Model):
    """A published version of a boot script; nodes fetch the current one and check its SHA-256."""

    name = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)
    path = models.CharField(max_length=200, help_text="Where it lies in the storage.")
    published_at = models.DateTimeField(db_default=Now())
    current = models.BooleanField(default=False)

    class Meta:
        ordering = ["name", "-published_at"]
        constraints = [
            models.UniqueConstraint(fields=["name", "sha256"], name="boot_script_version"),
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(current=True), name="boot_script_one_current"
            ),
            models.CheckConstraint(
                condition=models.Q(sha256__regex=r"^[0-9a-f]{64}$"), name="boot_script_sha256"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.sha256[:12]}"
