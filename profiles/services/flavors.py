"""Writes on flavors."""

from django.core.exceptions import ValidationError
from django.db.models import ProtectedError

from bearman.lib.errors import Conflict, Invalid
from profiles.models import Flavor


def flavor_save(*, flavor: Flavor) -> None:
    """Write a new or changed flavor; raises Invalid for a bad name."""
    try:
        flavor.full_clean()
    except ValidationError as error:
        raise Invalid(" ".join(error.messages)) from error
    flavor.save()


def flavor_delete(*, flavor: Flavor) -> None:
    """Delete a flavor that nothing refers to; raises Conflict otherwise."""
    try:
        flavor.delete()
    except ProtectedError as error:
        kinds = {str(row._meta.verbose_name_plural) for row in error.protected_objects}
        raise Conflict(
            f"Flavor {flavor} has {' and '.join(sorted(kinds))}.",
            advice="Give them another one first.",
        ) from error
