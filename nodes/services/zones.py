"""Writes on availability zones."""

from collections.abc import Sequence

from nodes.models import AvailabilityZone


def zone_ensure(
    *, name: str, networks: Sequence[str] = (), description: str = ""
) -> tuple[AvailabilityZone, bool]:
    """Make a zone, or set the networks of the one of that name; true if it is new.

    Raises django.core.exceptions.ValidationError for a bad name or network.
    """
    zone = AvailabilityZone.objects.filter(name=name).first()
    created = zone is None
    zone = zone or AvailabilityZone(name=name)
    zone.networks = list(networks) or zone.networks
    zone.description = description or zone.description
    zone.full_clean()
    zone.save()
    return zone, created
