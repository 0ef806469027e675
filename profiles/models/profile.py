"""What to boot on a machine, and how to set it up."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from profiles.models.image import NAME, Image


class ConfigFormat(models.TextChoices):
    """How the system is told who it is, besides the install script."""

    NONE = "none"
    PRESEED = "preseed"
    KICKSTART = "kickstart"
    AUTOINSTALL = "autoinstall"
    CLOUD_INIT = "cloud-init"


# These boot an installer, which puts the system on the machine's disk. The others boot the system
# itself, each time over the network, with its root in memory.
INSTALLERS = frozenset({ConfigFormat.PRESEED, ConfigFormat.KICKSTART, ConfigFormat.AUTOINSTALL})


class Profile(models.Model):
    """Kernel, initramfs and root of an image, the command line, the script and the configuration.

    It follows the current version of its image unless it is held at one. Machines that have it
    keep what they were deployed with: see Baremetal.
    """

    name = models.SlugField(unique=True)
    image_name = models.CharField(
        max_length=50,
        validators=[NAME],
        db_index=True,
        verbose_name="image",
        help_text="Name of the image whose current version is deployed.",
    )
    held_image = models.ForeignKey(
        Image,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="holding_profiles",
        verbose_name="held at",
        help_text="Empty: follow the image's current version.",
    )
    append = models.CharField(
        max_length=1000,
        blank=True,
        default="boot=live ip=dhcp console=ttyS0",
        verbose_name="kernel command line",
        help_text="May have {{ variables }}. Bearman adds `fetch=`, the address of the "
        "configuration, and its own bearman.* arguments.",
    )
    boots_root = models.BooleanField(
        default=True,
        verbose_name="boots the squashfs",
        help_text="Give the image's squashfs to the system as its root, with `fetch=`.",
    )
    install_script = models.TextField(
        blank=True,
        help_text="POSIX shell; runs as root when the system comes up, with the facts in its "
        "environment. Not a template.",
    )
    config_format = models.CharField(
        max_length=12, choices=ConfigFormat.choices, default=ConfigFormat.NONE
    )
    config_body = models.TextField(
        blank=True, help_text="May have {{ variables }}; empty for the format's usual body."
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    notes = models.TextField(blank=True)
    changed_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(config_format__in=ConfigFormat.values), name="profile_format_known"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_installer(self) -> bool:
        """Whether it puts a system on the machine's disk."""
        return self.config_format in INSTALLERS
