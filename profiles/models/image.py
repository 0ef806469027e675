"""Built artefacts that machines boot."""

from dataclasses import dataclass
from typing import Self

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

SHA256 = r"^[0-9a-f]{64}$"
# Name and version are parts of a path in the storage, and stand in the plans that machines read.
NAME = RegexValidator(
    r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,49}\Z",
    "The name of an image has 1 to 50 letters, digits or `._-`, and begins with a letter, digit or "
    "`_`.",
)
VERSION = RegexValidator(
    r"^[0-9A-Za-z][0-9A-Za-z._+-]{0,63}\Z",
    "A version has 1 to 64 letters, digits or `._+-`, and begins with a letter or digit.",
)


KINDS = ("kernel", "initramfs", "root", "sbom", "manifest")


class ImageKind(models.TextChoices):
    """What an image is for, as its manifest says."""

    STAGE_ONE = "stage-one"
    STAGE_TWO = "stage-two"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Artefact:
    """A file of an image: its path in the storage, its size in bytes, its SHA-256."""

    path: str
    size: int
    sha256: str

    @property
    def name(self) -> str:
        """The file's own name."""
        return self.path.rpartition("/")[2]


class Image(models.Model):
    """One version of an image: kernel, initramfs and, mostly, a squashfs that is the root.

    Of each name one version is the current one; profiles that follow the name boot it. What is
    large and seldom read is in ImageContents.
    """

    name = models.CharField(max_length=50, validators=[NAME])
    version = models.CharField(max_length=64, validators=[VERSION])
    current = models.BooleanField(default=False)
    kind = models.CharField(max_length=12, choices=ImageKind.choices, default=ImageKind.OTHER)
    append = models.CharField(
        max_length=1000, blank=True, help_text="The image's own kernel arguments."
    )
    kernel_path = models.CharField(max_length=250)
    kernel_size = models.PositiveBigIntegerField()
    kernel_sha256 = models.CharField(max_length=64)
    initramfs_path = models.CharField(max_length=250)
    initramfs_size = models.PositiveBigIntegerField()
    initramfs_sha256 = models.CharField(max_length=64)
    root_path = models.CharField(max_length=250, blank=True)
    root_size = models.PositiveBigIntegerField(default=0)
    root_sha256 = models.CharField(max_length=64, blank=True)
    sbom_path = models.CharField(max_length=250, blank=True)
    sbom_size = models.PositiveBigIntegerField(default=0)
    sbom_sha256 = models.CharField(max_length=64, blank=True)
    manifest_path = models.CharField(max_length=250, blank=True)
    manifest_size = models.PositiveBigIntegerField(default=0)
    manifest_sha256 = models.CharField(max_length=64, blank=True)
    signature = models.CharField(max_length=100, blank=True)
    signed_by = models.CharField(
        max_length=16, blank=True, help_text="The id of the key that signed its manifest."
    )
    package_count = models.PositiveIntegerField(default=0)
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

    @classmethod
    def current_of(cls, name: str) -> Self | None:
        """Return the version of an image that is current; None where none is."""
        return cls.objects.filter(name=name, current=True).first()

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
    def sbom(self) -> Artefact | None:
        """The list of packages; None for an image without one."""
        if not self.sbom_path:
            return None
        return Artefact(self.sbom_path, self.sbom_size, self.sbom_sha256)

    @property
    def manifest(self) -> Artefact | None:
        """The manifest, signed or not; None for an image that was added without one."""
        if not self.manifest_path:
            return None
        return Artefact(self.manifest_path, self.manifest_size, self.manifest_sha256)

    @property
    def artefacts(self) -> dict[str, Artefact]:
        """All files in the storage, by what they are."""
        found = {kind: getattr(self, kind) for kind in KINDS}
        return {kind: artefact for kind, artefact in found.items() if artefact is not None}

    @property
    def size(self) -> int:
        """The size of what machines boot in bytes."""
        return self.kernel_size + self.initramfs_size + self.root_size


class ImageContents(models.Model):
    """The manifest of a version as it was signed, and its packages: versions by name."""

    image = models.OneToOneField(
        Image, on_delete=models.CASCADE, primary_key=True, related_name="contents"
    )
    manifest = models.TextField(blank=True)
    packages = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"contents of image {self.pk}"
