"""Reads on flavors, images, profiles and boot scripts."""

from dataclasses import dataclass

from django.core.files.storage import default_storage
from django.db.models import Count, QuerySet

from bearman.lib.errors import NotFound
from profiles.models import BootScript, Image, Profile


@dataclass(frozen=True, slots=True)
class ScriptDue:
    """A published boot script: where it lies, and what it must hash to."""

    name: str
    sha256: str
    url: str


def script_due(*, name: str) -> ScriptDue:
    """Return the current version of a boot script; raises NotFound where none is published."""
    script = BootScript.objects.filter(name=name, current=True).first()
    if script is None:
        raise NotFound(
            f"No version of {name} is published.", advice="Run `bearman publish_scripts`."
        )
    return ScriptDue(script.name, script.sha256, default_storage.url(script.path))


def image_of(profile: Profile) -> Image:
    """Return the version of the image that a deployment of the profile would use now.

    Raises NotFound where the image has no current version.
    """
    if profile.held_image is not None:
        return profile.held_image
    image = Image.objects.filter(name=profile.image_name, current=True).first()
    if image is None:
        raise NotFound(
            f"There is no image {profile.image_name}.",
            advice="Add one with `bearman image_add`, or name another image.",
        )
    return image


def images_current() -> dict[str, Image]:
    """Return the current version of each image, by name."""
    return {image.name: image for image in Image.objects.filter(current=True)}


def profiles_list() -> QuerySet[Profile]:
    """Return all profiles by name, each with `machines`: how many have it now."""
    return (
        Profile.objects.select_related("held_image")
        .annotate(machines=Count("baremetals", distinct=True))
        .order_by("name")
    )


def profile_find(*, name: str) -> Profile:
    """Return a profile by name; raises NotFound, naming those that there are."""
    profile = profiles_list().filter(name=name.replace("\0", "")).first()
    if profile is None:
        names = ", ".join(Profile.objects.values_list("name", flat=True)[:20]) or "none yet"
        raise NotFound(
            f"There is no profile {name!r}.", advice=f"Profiles are made in the Admin: {names}."
        )
    return profile
