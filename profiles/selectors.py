"""Reads on flavors, images, profiles and boot scripts."""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from bearman import storage
from bearman.lib.errors import Conflict, NotFound
from profiles import promotions, sbom
from profiles.models import BootScript, Image, ImageContents, ImagePromotion, Profile

MOST_PROMOTIONS = 1000  # looked at, of one image
ADD_ONE = (
    "Build one with `python -m image_builder build RECIPE --publish`, or add files with "
    "`bearman image_add`."
)


@dataclass(frozen=True, slots=True)
class ScriptDue:
    """A published boot script: where it lies, and what it must hash to."""

    name: str
    sha256: str
    url: str


def script_due(*, name: str) -> ScriptDue:
    """Return a boot script of the current release; raises NotFound where none is published."""
    script = BootScript.objects.filter(name=name, release__current=True).first()
    if script is None:
        raise NotFound(
            f"No version of {name} is published.", advice="Run `bearman publish_scripts`."
        )
    return ScriptDue(script.name, script.sha256, storage.url(script.path))


def image_of(profile: Profile) -> Image:
    """Return the version of the image that a deployment of the profile would use now.

    Raises NotFound where the image has no current version.
    """
    if profile.held_image is not None:
        return profile.held_image
    image = Image.current_of(profile.image_name)
    if image is None:
        raise NotFound(
            f"There is no image {profile.image_name}.",
            advice="Add one with `bearman image_add`, or name another image.",
        )
    return image


def image_current(*, name: str) -> Image:
    """Return the current version of an image; raises NotFound, naming the images that there are."""
    plain = name.replace("\0", "")
    image = Image.current_of(plain)
    if image is None:
        versions = Image.objects.filter(name=plain).values_list("version", flat=True)[:10]
        if versions:
            words = f"Promote one of them: {', '.join(versions)}."
            raise NotFound(f"No version of {name} is current.", advice=words)
        raise _no_image(f"There is no image {name!r}.")
    return image


def image_find(*, name: str, version: str = "") -> Image:
    """Return a version, the current one where none is named; raises NotFound."""
    if not version:
        return image_current(name=name)
    plain, wanted = name.replace("\0", ""), version.replace("\0", "")
    image = Image.objects.filter(name=plain, version=wanted).first()
    if image is None:
        versions = Image.objects.filter(name=plain).values_list("version", flat=True)[:10]
        if not versions:
            raise _no_image(f"There is no image {name!r}.")
        raise NotFound(
            f"There is no version {version!r} of {name}.",
            advice=f"There are {', '.join(versions)}.",
        )
    return image


def image_labelled(*, label: str) -> Image:
    """Return the version NAME/VERSION, or the current one of NAME; raises NotFound."""
    name, _, version = label.partition("/")
    return image_find(name=name, version=version)


def no_stage_one() -> str:
    """Return the name of the image that machines register with, where no version is current."""
    name = str(settings.STAGE_ONE_IMAGE)
    return "" if Image.current_of(name) else name


def image_earlier(current: Image) -> Image | None:
    """Return the version that was current before the current one; None where there was none."""
    found = ImagePromotion.objects.filter(name=current.name).order_by("-pk")
    rows = list(found[:MOST_PROMOTIONS])
    history = [(row.how == ImagePromotion.How.ROLLED_BACK, row.version) for row in reversed(rows)]
    if rows:
        history.insert(0, (False, rows[-1].before))  # of which there is no row
    images = Image.objects.filter(name=current.name)
    known = {image.version: image for image in images}
    version = promotions.before(history, current=current.version, known=known)
    return known[version] if version else None


def packages_of(image: Image) -> dict[str, str]:
    """Return the version of each package by name; raises Conflict where they are not known."""
    found = ImageContents.objects.filter(image=image).values_list("packages", flat=True).first()
    if not found:
        raise Conflict(
            f"{image} has no list of packages.",
            advice="Images that `image_builder` builds have one.",
        )
    return dict(found)


def package_changes(*, before: Image, after: Image) -> list[sbom.Change]:
    """Return the packages that are not the same in two versions; raises Conflict."""
    return sbom.changes(packages_of(before), packages_of(after))


def manifest_of(image: Image) -> str:
    """Return the manifest's text as it was signed; empty for a version without one."""
    texts = ImageContents.objects.filter(image=image).values_list("manifest", flat=True)
    return texts.first() or ""


def _no_image(message: str) -> NotFound:
    names = Image.objects.order_by("name").values_list("name", flat=True).distinct()[:20]
    there = f"There are {', '.join(names)}." if names else ADD_ONE
    return NotFound(message, advice=there)


@dataclass(frozen=True, slots=True)
class Followers:
    """Which profiles boot which images: (name, image's name, id of the version it is held at)."""

    rows: tuple[tuple[str, str, int | None], ...]

    def following(self, image_name: str) -> list[str]:
        """Return the profiles that go with the current version."""
        return [name for name, image, held in self.rows if held is None and image == image_name]

    def of(self, image: Image) -> list[str]:
        """Return the profiles that would deploy this version now."""
        held = [name for name, _, version in self.rows if version == image.pk]
        return sorted([*held, *(self.following(image.name) if image.current else [])])


def profiles_by_image() -> Followers:
    """Return which profiles boot which images, in one query."""
    rows = Profile.objects.order_by("name").values_list("name", "image_name", "held_image_id")
    return Followers(tuple(rows))


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
