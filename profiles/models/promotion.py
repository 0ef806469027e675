"""Who made which version of an image the current one, and when."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class ImagePromotion(models.Model):
    """A version became the current one; rows are only ever added.

    Going back takes the last one away, so that going back twice reaches the version before. Names
    and no keys: the history outlives the versions.
    """

    class How(models.TextChoices):
        """Forwards, to a version that somebody named, or back to the one before."""

        PROMOTED = "promoted"
        ROLLED_BACK = "rolled back"

    name = models.CharField(max_length=50)
    version = models.CharField(max_length=64)
    before = models.CharField(max_length=64, blank=True)
    how = models.CharField(max_length=12, choices=How.choices, default=How.PROMOTED)
    by = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["name", "id"], name="image_promotion_name")]
        constraints = [
            models.CheckConstraint(
                condition=Q(how__in=["promoted", "rolled back"]), name="image_promotion_how"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}/{self.version} {self.how}"
