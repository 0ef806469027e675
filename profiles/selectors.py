"""Reads on flavors, images, profiles and boot scripts."""

from dataclasses import dataclass

from django.core.files.storage import default_storage
from django.db.models import Count, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

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


def image_before(image: Image) -> Image | None:
    """Return the version of an image that was added before this one; None for the oldest."""
    return Image.objects.filter(name=image.name, pk__lt=image.pk).order_by("-pk").first()


def images_listed() -> QuerySet[Image]:
    """Return all versions in one query, each with how many profiles boot it now and machines."""
    following = Profile.objects.filter(image_name=OuterRef("name"), held_image__isnull=True)
    return Image.objects.annotate(
        holding=_counted(Profile.objects.filter(held_image=OuterRef("pk"))),
        following=_counted(following),
        machines=Count("baremetals", distinct=True),
    )


def _counted(rows: QuerySet[Profile]) -> Coalesce:
    """Return the number of rows as a subquery, which a join would multiply."""
    number = rows.order_by().annotate(one=Value(1)).values("one").annotate(n=Count("pk"))
    return Coalesce(Subquery(number.values("n")), 0)


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
