"""A profile on a node."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from baremetal.states import NOT_AT_REST, BaremetalState
from nodes.models import Node
from profiles.models import Image, Profile

LIVE = ~Q(state=BaremetalState.RELEASED.value)


class Baremetal(models.Model):
    """A profile put on a node: what people SSH to. A released row stays as history.

    `spec` is what is deployed, as it was when the deployment began, so that a later change of the
    profile does not touch this machine; see baremetal.services.spec.
    """

    # Its name in IPman; unlike the row's number, no other installation has it.
    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    node = models.ForeignKey(
        Node, on_delete=models.PROTECT, related_name="baremetals", db_index=False
    )
    # Released rows let go of profile and image, which may then be deleted.
    profile = models.ForeignKey(
        Profile, on_delete=models.PROTECT, null=True, related_name="baremetals"
    )
    profile_name = models.CharField(max_length=50)
    profile_version = models.PositiveIntegerField()
    image = models.ForeignKey(
        Image, on_delete=models.PROTECT, null=True, related_name="baremetals", editable=False
    )
    image_label = models.CharField(max_length=120, blank=True, verbose_name="image")
    hostname = models.CharField(max_length=63)
    ssh_keys = models.JSONField(default=list, blank=True)
    spec = models.JSONField(default=dict)

    # Addresses; all of them are in `addresses`, the first also here, for lists and searches.
    service_address = models.GenericIPAddressField(null=True, blank=True, verbose_name="service IP")
    vlan_id = models.PositiveSmallIntegerField(null=True, blank=True, verbose_name="VLAN")
    addresses = models.JSONField(default=list, blank=True)

    # Life.
    state = models.CharField(max_length=20, choices=[(s.value, s.value) for s in BaremetalState])
    step = models.CharField(max_length=12, blank=True)
    issue = models.CharField(max_length=12, blank=True, db_default="")
    reason = models.CharField(max_length=1000, blank=True)
    advice = models.CharField(max_length=1000, blank=True)
    log_tail = models.TextField(blank=True)
    deadline = models.DateTimeField(null=True, blank=True, db_index=True)
    state_since = models.DateTimeField(db_default=Now())
    step_since = models.DateTimeField(db_default=Now())
    attempt = models.PositiveSmallIntegerField(default=1)
    cold_boot = models.BooleanField(
        default=False, help_text="It boots the system over the network instead of by kexec."
    )
    # What the power_on step has yet to do: cut the power first; done once `powered_at` is set.
    power_cut = models.BooleanField(default=True)
    powered_at = models.DateTimeField(null=True, blank=True)
    # Names what the machine was told to boot last; the system that comes up says it back.
    nonce = models.CharField(max_length=64, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)
    up_at = models.DateTimeField(null=True, blank=True)

    created_at = models.DateTimeField(db_default=Now())
    created_by = models.CharField(max_length=150)
    request_id = models.UUIDField(null=True, blank=True)
    installed_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = "baremetal"
        verbose_name_plural = "baremetals"
        indexes = [
            models.Index(fields=["state", "-id"]),
            models.Index(fields=["node", "-id"]),
            models.Index(fields=["service_address"]),
        ]
        constraints = [
            models.UniqueConstraint(fields=["node"], condition=LIVE, name="baremetal_one_a_node"),
            models.UniqueConstraint(fields=["hostname"], condition=LIVE, name="baremetal_hostname"),
            models.UniqueConstraint(
                fields=["created_by", "request_id"], name="baremetal_request_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in BaremetalState]),
                name="baremetal_state_known",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=sorted(s.value for s in NOT_AT_REST))
                | Q(deadline__isnull=False),
                name="baremetal_deadline_unless_at_rest",
            ),
            models.CheckConstraint(
                condition=~LIVE | Q(profile__isnull=False), name="baremetal_live_has_profile"
            ),
        ]

    def __str__(self) -> str:
        return self.hostname

    @property
    def owner(self) -> str:
        """The name under which IPman knows it."""
        return f"baremetal:{self.key}"
