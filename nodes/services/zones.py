"""Writes on availability zones."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db.models import ProtectedError

from bearman.lib.errors import Conflict, Invalid
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


def zone_save(*, zone: AvailabilityZone) -> None:
    """Write a new or changed zone; raises Invalid for a bad name or network, or a new name.

    The name stays as it is: IPman's pools refer to it.
    """
    before = AvailabilityZone.objects.filter(pk=zone.pk).first() if zone.pk else None
    if before is not None and before.name != zone.name:
        raise Invalid(f"Zone {before.name} cannot be renamed: IPman's pools refer to its name.")
    try:
        zone.full_clean()
    except ValidationError as error:
        raise Invalid(" ".join(error.messages)) from error
    zone.save()


def zone_delete(*, zone: AvailabilityZone) -> None:
    """Delete a zone that nothing refers to; raises Conflict otherwise."""
    try:
        zone.delete()
    except ProtectedError as error:
        kinds = {str(row._meta.verbose_name_plural) for row in error.protected_objects}
        raise Conflict(
            f"Zone {zone} has {' and '.join(sorted(kinds))}.",
            advice="Move them to another zone first.",
        ) from error
