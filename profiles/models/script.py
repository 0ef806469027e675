"""The boot scripts that machines run in stage one."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from profiles.models.image import SHA256, VERSION


class ScriptRelease(models.Model):
    """Boot scripts that were published together; machines run those of the current release.

    Who went back from a release withdrew it: going back once more passes it over.
    """

    version = models.CharField(max_length=64, unique=True, validators=[VERSION])
    published_at = models.DateTimeField(db_default=Now())
    published_by = models.CharField(max_length=150, blank=True)
    current = models.BooleanField(default=False)
    current_since = models.DateTimeField(null=True, blank=True)
    current_by = models.CharField(
        max_length=150, blank=True, help_text="Who made it current the last time."
    )
    withdrawn_at = models.DateTimeField(
        null=True, blank=True, help_text="When somebody went back from it."
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["current"], condition=Q(current=True), name="script_release_one_current"
            ),
            models.CheckConstraint(
                condition=Q(current=False) | Q(withdrawn_at__isnull=True),
                name="script_release_current_not_withdrawn",
            ),
        ]

    def __str__(self) -> str:
        return self.version


class BootScript(models.Model):
    """A boot script of a release; nodes fetch it and check its SHA-256."""

    release = models.ForeignKey(ScriptRelease, on_delete=models.CASCADE, related_name="scripts")
    name = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)
    path = models.CharField(max_length=200, help_text="Where it lies in the storage.")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["release", "name"], name="boot_script_in_release"),
            models.CheckConstraint(condition=Q(sha256__regex=SHA256), name="boot_script_sha256"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.sha256[:12]}"
