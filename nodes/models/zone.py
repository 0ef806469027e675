"""Availability zones and the networks from which their machines boot."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from nodes.validators import validate_network


class AvailabilityZone(models.Model):
    """A part of the machine room that fails on its own; pools and nodes belong to one."""

    name = models.SlugField(unique=True, help_text="Short name; IPman's pools refer to it.")
    description = models.CharField(max_length=200, blank=True)
    networks = ArrayField(
        models.CharField(max_length=43, validators=[validate_network]),
        default=list,
        blank=True,
        help_text="Provisioning networks, such as 10.1.0.0/16, separated by commas. A machine "
        "belongs to the zone with the longest matching network; one zone without networks takes "
        "the rest.",
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
