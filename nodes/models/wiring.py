"""How machines must be cabled, and how they were seen to be."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now

from nodes.models.node import ISSUE, Node
from profiles.models import Flavor

NAME = 100  # characters of a switch's or a port's name
_TWICE = "This interface of that machine has a cable already: change that one."
INTERFACE = 15  # bytes that the kernel allows, IFNAMSIZ without its end


class WiringPlan(models.Model):
    """What machines of a flavor and in some racks must be cabled like."""

    name = models.SlugField(unique=True)
    flavor = models.ForeignKey(
        Flavor,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="wiring_plans",
        help_text="Whose machines it is for; empty: all.",
    )
    rack_pattern = models.CharField(
        max_length=64,
        default="*",
        verbose_name="racks",
        help_text="Shell pattern on the rack's name, such as `r1*`; * is all, also no rack.",
    )
    priority = models.IntegerField(
        default=0,
        help_text="Of several plans for a machine the one with the highest priority counts; of "
        "equal ones the one for its flavor.",
    )
    patterns = models.TextField(
        blank=True,
        help_text="A cable a line: `eno1 -> leaf-{rack}a:{unit}`; behind it there may be speed=25 "
        "vlan=100 mtu=9000. Also {unit:02} for 07 and {unit+24} for 31.",
    )
    interfaces = models.CharField(
        max_length=200,
        blank=True,
        help_text="Which interfaces the rules are about: names or shell patterns with commas "
        "between them, such as ens*; empty: all of the machine's own.",
    )
    links = models.PositiveSmallIntegerField(
        default=0, help_text="So many links at least; 0: any number."
    )
    switches = models.PositiveSmallIntegerField(
        default=0, help_text="On so many different switches; 0: any number."
    )
    same_port = models.BooleanField(
        default=False, help_text="In ports with the same number on each switch."
    )
    speed = models.PositiveIntegerField(
        null=True, blank=True, verbose_name="speed, at least (Gb/s)"
    )
    vlan = models.PositiveIntegerField(null=True, blank=True, verbose_name="native VLAN")
    mtu = models.PositiveIntegerField(null=True, blank=True, verbose_name="MTU, at least (bytes)")
    notes = models.TextField(blank=True)

    class Meta:
        verbose_name = "wiring plan"
        ordering = ["-priority", "name"]

    def __str__(self) -> str:
        return self.name


class Cable(models.Model):
    """One cable: an interface of the machine at a place, or with a serial, and its switch port."""

    rack = models.CharField(max_length=32, blank=True)
    unit = models.PositiveSmallIntegerField(null=True, blank=True)
    serial = models.CharField(
        max_length=NAME, blank=True, help_text="Instead of rack and unit: the machine's serial."
    )
    interface = models.CharField(max_length=INTERFACE)
    switch = models.CharField(max_length=NAME)
    port = models.CharField(max_length=NAME)
    speed = models.PositiveIntegerField(
        null=True, blank=True, verbose_name="speed, at least (Gb/s)"
    )
    vlan = models.PositiveIntegerField(null=True, blank=True, verbose_name="native VLAN")
    mtu = models.PositiveIntegerField(null=True, blank=True, verbose_name="MTU, at least (bytes)")

    # Comparable forms (nodes.wiring.names), by which a port is found under any spelling.
    switch_key = models.CharField(max_length=NAME, editable=False)
    switch_short = models.CharField(max_length=NAME, editable=False)
    port_key = models.CharField(max_length=NAME, editable=False)
    port_number = models.PositiveIntegerField(null=True, editable=False)

    class Meta:
        ordering = ["rack", "unit", "serial", "interface"]
        indexes = [models.Index(fields=["switch_short", "port_number"], name="cable_port_number")]
        constraints = [
            models.CheckConstraint(
                condition=(Q(serial="") & ~Q(rack="") & Q(unit__isnull=False))
                | (~Q(serial="") & Q(rack="", unit__isnull=True)),
                name="cable_has_one_place",
                violation_error_message="Give rack and unit, or the serial, and not both.",
            ),
            models.UniqueConstraint(
                *(Lower("rack"), "unit", "interface"),
                condition=Q(serial=""),
                name="cable_of_place",
                violation_error_message=_TWICE,
            ),
            models.UniqueConstraint(
                *(Lower("serial"), "interface"),
                condition=~Q(serial=""),
                name="cable_of_serial",
                violation_error_message=_TWICE,
            ),
            models.UniqueConstraint(fields=["switch_key", "port_key"], name="cable_port"),
        ]

    def __str__(self) -> str:
        place = f"serial {self.serial}" if self.serial else f"rack {self.rack} unit {self.unit}"
        return f"{place} {self.interface} -> {self.switch}:{self.port}"


class LinkState(models.Model):
    """One interface of a node as its last wiring check saw it, beside what was wanted.

    `speed_mbps` is in Mb/s, light in dBm. What was wanted is kept as it was compared: plans change.
    """

    node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="links", db_index=False)
    interface = models.CharField(max_length=INTERFACE)
    carrier = models.BooleanField(null=True)
    speed_mbps = models.PositiveIntegerField(null=True)
    switch = models.CharField(max_length=NAME, blank=True)
    port = models.CharField(max_length=NAME, blank=True)
    vlan = models.PositiveIntegerField(null=True)
    mtu = models.PositiveIntegerField(null=True)
    module = models.CharField(max_length=NAME, blank=True)
    tx_dbm = models.FloatField(null=True)
    rx_dbm = models.FloatField(null=True)
    wanted_switch = models.CharField(max_length=NAME, blank=True)
    wanted_port = models.CharField(max_length=NAME, blank=True)
    issue = models.CharField(max_length=ISSUE, blank=True)
    seen_at = models.DateTimeField(db_default=Now())
    switch_short = models.CharField(max_length=NAME, blank=True, editable=False)
    port_number = models.PositiveIntegerField(null=True, editable=False)

    class Meta:
        ordering = ["interface"]
        indexes = [models.Index(fields=["switch_short", "port_number"], name="link_port_number")]
        constraints = [models.UniqueConstraint(fields=["node", "interface"], name="link_interface")]

    def __str__(self) -> str:
        where = f"{self.switch}:{self.port}" if self.switch else "nowhere known"
        return f"{self.interface} on {where}"
