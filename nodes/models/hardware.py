"""What a machine is made of, and the raw text that says so.

No index on `node` alone: the unique constraints begin with it, and each row would cost one more.
"""

from django.db import models

from nodes.models.node import TEXT, Node


class RawInventory(models.Model):
    """What the node sent last, byte for byte, so that a better parser can read it again."""

    node = models.OneToOneField(
        Node, on_delete=models.CASCADE, primary_key=True, related_name="raw_inventory"
    )
    received_at = models.DateTimeField()
    dmidecode = models.BinaryField()
    lsblk = models.BinaryField()
    ip_link = models.BinaryField()
    ethtool = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"raw inventory of {self.node_id}"


class NetworkInterface(models.Model):
    """A physical network interface; the MAC is the permanent one where it is known."""

    node = models.ForeignKey(
        Node, on_delete=models.CASCADE, related_name="interfaces", db_index=False
    )
    name = models.CharField(max_length=15)
    mac = models.CharField(max_length=17, db_index=True, verbose_name="MAC")
    state = models.CharField(max_length=20, blank=True)
    mtu = models.PositiveIntegerField(null=True, verbose_name="MTU")
    driver = models.CharField(max_length=TEXT, blank=True)
    driver_version = models.CharField(max_length=TEXT, blank=True)
    firmware = models.CharField(max_length=TEXT, blank=True)
    bus = models.CharField(max_length=TEXT, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["node", "name"], name="interface_name"),
            models.CheckConstraint(
                condition=models.Q(mac__regex=r"^([0-9a-f]{2}:){5}[0-9a-f]{2}$"),
                name="interface_mac_form",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.mac}"


class Disk(models.Model):
    """A whole disk, as stage one names it."""

    node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="disks", db_index=False)
    name = models.CharField(max_length=64)
    model = models.CharField(max_length=TEXT, blank=True)
    revision = models.CharField(max_length=TEXT, blank=True, db_default="")
    serial = models.CharField(max_length=TEXT, blank=True)
    wwn = models.CharField(max_length=TEXT, blank=True, verbose_name="WWN")
    size_bytes = models.PositiveBigIntegerField(default=0)
    rotational = models.BooleanField(default=False)
    transport = models.CharField(max_length=20, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["node", "name"], name="disk_name")]

    def __str__(self) -> str:
        return f"{self.name} {self.model}".strip()


class MemoryModule(models.Model):
    """A populated memory slot; `position` counts them, since boards repeat slot names."""

    node = models.ForeignKey(
        Node, on_delete=models.CASCADE, related_name="memory_modules", db_index=False
    )
    position = models.PositiveIntegerField()
    slot = models.CharField(max_length=TEXT, blank=True)
    size_bytes = models.PositiveBigIntegerField(null=True)
    type = models.CharField(max_length=TEXT, blank=True)
    speed_mts = models.PositiveIntegerField(null=True, verbose_name="speed (MT/s)")
    manufacturer = models.CharField(max_length=TEXT, blank=True)
    part_number = models.CharField(max_length=TEXT, blank=True)
    serial = models.CharField(max_length=TEXT, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["node", "position"], name="memory_module_position")
        ]

    def __str__(self) -> str:
        return f"{self.slot} {self.part_number}".strip()


class Processor(models.Model):
    """A populated processor socket."""

    node = models.ForeignKey(
        Node, on_delete=models.CASCADE, related_name="processors", db_index=False
    )
    position = models.PositiveIntegerField()
    socket = models.CharField(max_length=TEXT, blank=True)
    manufacturer = models.CharField(max_length=TEXT, blank=True)
    model = models.CharField(max_length=TEXT, blank=True)
    cores = models.PositiveIntegerField(null=True)
    threads = models.PositiveIntegerField(null=True)
    speed_mhz = models.PositiveIntegerField(null=True, verbose_name="speed (MHz)")

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["node", "position"], name="processor_position")
        ]

    def __str__(self) -> str:
        return f"{self.socket} {self.model}".strip()
