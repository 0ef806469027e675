"""Built artefacts that machines boot."""

from dataclasses import dataclass

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

SHA256 = r"^[0-9a-f]{64}$"
# A version is part of a path in the storage.
VERSION = RegexValidator(
    r"^[0-9A-Za-z][0-9A-Za-z._+-]{0,63}\Z",
    "A version has 1 to 64 letters, digits or `._+-`, and begins with a letter or digit.",
)


@dataclass(frozen=True, slots=True)
class Artefact:
    """A file of an image: its path in the storage, its size in bytes, its SHA-256."""

    path: str
    size: int
    sha256: str


class Image(models.Model):
    """One version of an image: kernel, initramfs and, mostly, a squashfs that is the root.

    Of each name one version is the current one; profiles that follow the name boot it.
    """

    name = models.SlugField(db_index=False)
    version = models.CharField(max_length=64, validators=[VERSION])
    current = models.BooleanField(default=False)
    kernel_path = models.CharField(max_length=250)
    kernel_size = models.PositiveBigIntegerField()
    kernel_sha256 = models.CharField(max_length=64)
    initramfs_path = models.CharField(max_length=250)
    initramfs_size = models.PositiveBigIntegerField()
    initramfs_sha256 = models.CharField(max_length=64)
    root_path = models.CharField(max_length=250, blank=True)
    root_size = models.PositiveBigIntegerField(default=0)
    root_sha256 = models.CharField(max_length=64, blank=True)
    built_from = models.CharField(
        max_length=250, blank=True, help_text="What it was built from; a recipe and its revision."
    )
    built_at = models.DateTimeField(db_default=Now())
    added_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["name", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="image_version"),
            models.UniqueConstraint(
                fields=["name"], condition=Q(current=True), name="image_one_current"
            ),
            models.CheckConstraint(
                condition=Q(kernel_sha256__regex=SHA256, initramfs_sha256__regex=SHA256)
                & (Q(root_path="", root_sha256="") | Q(root_sha256__regex=SHA256)),
                name="image_sha256",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}/{self.version}"

    @property
    def kernel(self) -> Artefact:
        """The kernel."""
        return Artefact(self.kernel_path, self.kernel_size, self.kernel_sha256)

    @property
    def initramfs(self) -> Artefact:
        """The initramfs."""
        return Artefact(self.initramfs_path, self.initramfs_size, self.initramfs_sha256)

    @property
    def root(self) -> Artefact | None:
        """The squashfs; None for an image without one, such as an installer's."""
        if not self.root_path:
            return None
        return Artefact(self.root_path, self.root_size, self.root_sha256)

    @property
    def size(self) -> int:
        """The size of all files in bytes."""
        return self.kernel_size + self.initramfs_size + self.root_size
