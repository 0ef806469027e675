"""Versions of images that somebody is uploading."""

from django.db import models
from django.db.models.functions import Now

from profiles.models.image import Image


class ImageUpload(models.Model):
    """A manifest that was accepted, and whose files are on their way into the storage.

    `key` is the folder of what is not verified yet, and a secret of who began it. `image` is the
    version that came of it.
    """

    key = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=50)
    version = models.CharField(max_length=64)
    manifest = models.TextField()
    signature = models.CharField(max_length=100, blank=True)
    signed_by = models.CharField(max_length=16, blank=True)
    began_by = models.CharField(max_length=150)
    began_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    image = models.ForeignKey(Image, on_delete=models.CASCADE, null=True, related_name="uploads")

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"upload of {self.name}/{self.version}"
