"""The board's management controller."""

from django.contrib.postgres.indexes import OpClass
from django.db import models

from nodes.models.node import Node
from nodes.power import BREAKER_OPENS_AFTER


class Bmc(models.Model):
    """Address and credential of a node's BMC.

    A new password is `pending` until Bearman has logged in with it; the one before stays, so
    that a machine that lies about who it is cannot take a proven credential away.
    """

    node = models.OneToOneField(Node, on_delete=models.CASCADE, related_name="bmc")
    address = models.GenericIPAddressField(unique=True, null=True, blank=True)
    prefix_length = models.PositiveSmallIntegerField(null=True, blank=True)
    gateway = models.GenericIPAddressField(null=True, blank=True)
    vlan_id = models.PositiveSmallIntegerField(null=True, blank=True, verbose_name="VLAN")
    channel = models.PositiveSmallIntegerField()
    user_slot = models.PositiveSmallIntegerField()
    username = models.CharField(max_length=16)
    password = models.BinaryField(null=True, editable=False)
    pending_password = models.BinaryField(null=True, editable=False)
    power = models.CharField(max_length=3, blank=True, choices=[("on", "on"), ("off", "off")])
    power_read_at = models.DateTimeField(null=True, blank=True)
    identify_on = models.BooleanField(default=False)
    last_error = models.CharField(max_length=1000, blank=True)
    proving_since = models.DateTimeField(null=True, blank=True, editable=False)
    # Its circuit breaker: silent so many times in a row, and left alone by the background until.
    failures = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    open_until = models.DateTimeField(null=True, blank=True, editable=False)
    # One operation at a time, over all processes: whoever sets these has the BMC until then.
    busy_until = models.DateTimeField(null=True, blank=True, editable=False)
    busy_token = models.UUIDField(null=True, blank=True, editable=False)
    busy_with = models.CharField(max_length=40, blank=True, editable=False)

    class Meta:
        verbose_name = "BMC"
        # For a search by the start of an address.
        indexes = [
            models.Index(
                OpClass(
                    models.Func("address", function="HOST", output_field=models.TextField()),
                    name="text_pattern_ops",
                ),
                name="bmc_address_text",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(user_slot__gte=2, user_slot__lte=63), name="bmc_user_slot"
            ),
            models.CheckConstraint(
                condition=models.Q(channel__gte=1, channel__lte=11), name="bmc_channel"
            ),
            models.CheckConstraint(
                condition=models.Q(vlan_id=None) | models.Q(vlan_id__gte=1, vlan_id__lte=4094),
                name="bmc_vlan",
            ),
        ]

    def __str__(self) -> str:
        return f"BMC {self.address or 'without an address'}"

    @property
    def breaker_open(self) -> bool:
        """Return whether it failed so often in a row that the background asks it less often."""
        return self.failures >= BREAKER_OPENS_AFTER
