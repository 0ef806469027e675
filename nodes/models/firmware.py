"""Which firmware machines must have, and the updates that bring it to them."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from nodes.firmware import COMPARATORS, ComponentKind, ReadWith, Rule
from nodes.models.node import ISSUE, TEXT, Node
from profiles.models.image import SHA256, Artefact

SHORTEST_SECONDS, LONGEST_SECONDS = 30, 7200  # that a tool may run
WORD_FORM = r"[A-Za-z0-9@%+=:,./_-]{1,200}"
WORD = RegexValidator(
    rf"^{WORD_FORM}\Z",
    "An argument has 1 to 200 letters, digits or `@%+=:,./_-`.",
)
MAX_WORDS = 32


class FirmwareTool(models.TextChoices):
    """The plug-in in stage one that applies an update."""

    FWUPDMGR = "fwupdmgr", "fwupdmgr: a cabinet of the LVFS form"
    VENDOR = "vendor", "vendor: the file is the vendor's own executable"
    MSTFLINT = "mstflint", "mstflint: NVIDIA and Mellanox adapters"
    COMMAND = "command", "command: a program of stage one, named by the first argument"


class Match(models.TextChoices):
    """Whether a newer version is as good."""

    MINIMUM = "minimum", "this version or a newer one"
    EXACT = "exact", "exactly this version"


class FirmwareMode(models.TextChoices):
    """How far a baseline goes."""

    OFF = "off", "off: not looked at"
    DRY_RUN = "dry_run", "dry run: nodes that are behind are only told"
    CANARY = "canary", "canary: one node first, then all"
    ON = "on", "on: every node that is behind is updated"


class CanaryState(models.TextChoices):
    """How the first node of a baseline does; empty before there is one."""

    TRYING = "trying"
    PASSED = "passed"
    FAILED = "failed"


class FirmwareBaseline(models.Model):
    """Which version a component of some machines must have, and how it gets there.

    `revision` grows with each change of what is applied; updates belong to one. The canary is the
    first node that was behind; until it is done the others wait.
    """

    name = models.SlugField(max_length=64, unique=True)
    component = models.CharField(
        max_length=8,
        choices=[("bios", "BIOS"), ("bmc", "BMC"), ("nic", "network adapter"), ("disk", "disk")],
    )
    vendor_pattern = models.CharField(
        max_length=200, default="*", help_text="Shell pattern on the vendor, such as `Dell*`."
    )
    product_pattern = models.CharField(
        max_length=200, default="*", help_text="Shell pattern on the product name, such as `*R640`."
    )
    model_pattern = models.CharField(
        max_length=200,
        blank=True,
        help_text="Shell pattern on an adapter's driver (`mlx5_core`, or with its make "
        "`mlx5_core MT_0000000359`, `tg3 5719`) or on a disk's model; none for BIOS and BMC.",
    )
    wanted = models.CharField(max_length=100, verbose_name="wanted version")
    match = models.CharField(max_length=8, choices=Match.choices, default=Match.MINIMUM)
    comparator = models.CharField(
        max_length=16,
        choices=[(name, form.title) for name, form in COMPARATORS.items()],
        default="dotted",
        verbose_name="form of the versions",
    )
    artefact_path = models.CharField(max_length=250, blank=True)
    artefact_size = models.PositiveBigIntegerField(default=0)
    artefact_sha256 = models.CharField(max_length=64, blank=True)
    tool = models.CharField(
        max_length=10, choices=FirmwareTool.choices, default=FirmwareTool.VENDOR
    )
    arguments = models.JSONField(default=list, blank=True)
    read_with = models.CharField(
        max_length=10,
        choices=[
            (ReadWith.DMIDECODE.value, "dmidecode -t bios"),
            (ReadWith.IPMITOOL.value, "ipmitool mc info"),
            (ReadWith.ETHTOOL.value, "ethtool -i"),
            (ReadWith.LSBLK.value, "lsblk"),
            (ReadWith.TOOL.value, "the tool itself"),
        ],
        verbose_name="version is read with",
    )
    reboot = models.BooleanField(
        default=False,
        verbose_name="restart",
        help_text="It takes effect when the machine restarts.",
    )
    timeout_seconds = models.PositiveIntegerField(
        default=600,
        validators=[MinValueValidator(SHORTEST_SECONDS), MaxValueValidator(LONGEST_SECONDS)],
        verbose_name="the tool may run for (seconds)",
    )
    position = models.PositiveSmallIntegerField(
        default=100,
        verbose_name="order",
        help_text="Among baselines for the same kind of component; small numbers first.",
    )
    mode = models.CharField(
        max_length=8, choices=FirmwareMode.choices, default=FirmwareMode.DRY_RUN
    )
    canary = models.ForeignKey(
        Node, on_delete=models.SET_NULL, null=True, blank=True, related_name="canary_of"
    )
    canary_state = models.CharField(max_length=8, choices=CanaryState.choices, blank=True)
    canary_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)
    notes = models.TextField(blank=True)
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "firmware baseline"
        ordering = ["component", "position", "name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(artefact_path="", artefact_sha256="")
                | Q(artefact_sha256__regex=SHA256) & ~Q(artefact_path=""),
                name="firmware_sha256",
            ),
            models.CheckConstraint(
                condition=~Q(mode__in=["canary", "on"]) | ~Q(artefact_path="") | Q(tool="command"),
                name="firmware_applies_something",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def rule(self) -> Rule:
        """Return what it wants, in the form that compares."""
        return Rule(
            vendor_pattern=self.vendor_pattern,
            product_pattern=self.product_pattern,
            kind=ComponentKind(self.component),
            model_pattern=self.model_pattern,
            comparator=self.comparator,
            wanted=self.wanted,
            exact=self.match == Match.EXACT,
        )

    @property
    def artefact(self) -> Artefact | None:
        """Return the file that is applied; None where there is none yet."""
        if not self.artefact_path:
            return None
        return Artefact(self.artefact_path, self.artefact_size, self.artefact_sha256)

    @property
    def wanted_words(self) -> str:
        """Return the wanted version in words."""
        return self.wanted if self.match == Match.EXACT else f"{self.wanted} or newer"


class UpdateState(models.TextChoices):
    """How far an update of a node is."""

    PLANNED = "planned"
    STARTED = "started"
    REBOOTING = "rebooting"
    DONE = "done"
    FAILED = "failed"
    HELD = "held"


# In these somebody is at it, or is about to be.
UPDATE_OPEN = (UpdateState.PLANNED, UpdateState.STARTED, UpdateState.REBOOTING)


class FirmwareUpdate(models.Model):
    """One update of one component of a node, as a revision of a baseline wants it.

    `attempts` counts how often the tool was begun, `boot` names the boot in which it was last
    heard of.
    """

    node = models.ForeignKey(
        Node, on_delete=models.CASCADE, related_name="firmware_updates", db_index=False
    )
    baseline = models.ForeignKey(
        FirmwareBaseline, on_delete=models.CASCADE, related_name="updates", db_index=False
    )
    revision = models.PositiveIntegerField()
    target = models.CharField(max_length=64, blank=True)
    title = models.CharField(max_length=TEXT)
    from_version = models.CharField(max_length=TEXT, blank=True)
    wanted_version = models.CharField(max_length=100)
    state = models.CharField(max_length=10, choices=UpdateState.choices)
    attempts = models.PositiveSmallIntegerField(default=0)
    boot = models.BigIntegerField(null=True)
    issue = models.CharField(max_length=ISSUE, blank=True)
    reason = models.CharField(max_length=1000, blank=True)
    log_tail = models.TextField(blank=True)
    planned_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "firmware update"
        ordering = ["-id"]
        indexes = [models.Index(fields=["baseline", "state"])]
        constraints = [
            models.UniqueConstraint(
                fields=["node", "baseline", "target"], name="firmware_update_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.title}: {self.from_version or '?'} → {self.wanted_version}"
