"""Kinds of machines."""

from django.core.validators import RegexValidator
from django.db import models

from profiles.models.profile import Profile

BOND_MODES = (
    *("802.3ad", "active-backup", "balance-rr", "balance-xor", "broadcast"),
    *("balance-tlb", "balance-alb"),
)  # Linux Documentation/networking/bonding.rst
INTERFACES = RegexValidator(
    r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}(,[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}){0,15}\Z",
    "Write the names of interfaces with commas between them, such as eno1,eno2.",
)
DISK = RegexValidator(
    r"^/dev/[A-Za-z0-9_/:.-]{1,100}\Z", "A disk is named as /dev/NAME, such as /dev/nvme0n1."
)


class StopsAt(models.TextChoices):
    """From which severity on a finding ends a registration."""

    ERROR = "error", "errors"
    WARNING = "warning", "errors and warnings"
    NEVER = "never", "nothing: findings are only told"


class Flavor(models.Model):
    """A kind of machine. A node without a flavor gets the first whose patterns match it.

    What a node of this kind must have is looked at when it registers and before a deployment;
    a requirement of 0 is none.
    """

    name = models.SlugField(unique=True)
    vendor_pattern = models.CharField(
        max_length=200, default="*", help_text="Shell pattern on the vendor, such as `Dell*`."
    )
    product_pattern = models.CharField(
        max_length=200,
        blank=True,
        help_text="Shell pattern on the product name; empty: by hand only.",
    )
    default_profile = models.ForeignKey(
        Profile,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="flavors",
        help_text="What a node of this kind gets where nobody names a profile.",
    )
    min_memory_gib = models.PositiveIntegerField(default=0, verbose_name="memory, at least (GiB)")
    min_cpu_cores = models.PositiveIntegerField(default=0, verbose_name="CPU cores, at least")
    min_disks = models.PositiveIntegerField(default=0, verbose_name="disks, at least")
    min_disk_gb = models.PositiveIntegerField(
        default=0, verbose_name="disk space in all, at least (GB)"
    )
    min_interfaces = models.PositiveIntegerField(
        default=0, verbose_name="network interfaces, at least"
    )
    stops_at = models.CharField(
        max_length=8,
        default=StopsAt.ERROR,
        choices=StopsAt.choices,
        verbose_name="registration stops at",
        help_text="How bad a finding on cables, firmware or parts must be to end a registration.",
    )
    bond_interfaces = models.CharField(
        max_length=255,
        blank=True,
        validators=[INTERFACES],
        help_text="Interfaces that carry the service address together, such as eno1,eno2; one "
        "name: that interface alone; empty: the first one with a link.",
    )
    bond_mode = models.CharField(
        max_length=16, default="802.3ad", choices=[(mode, mode) for mode in BOND_MODES]
    )
    disk = models.CharField(
        max_length=110,
        blank=True,
        validators=[DISK],
        help_text="The disk that installers use; empty: the smallest solid-state one.",
    )
    notes = models.TextField(blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
