"""Which version of an image is current: forwards to one that is named, back to the one before."""

from dataclasses import dataclass

from django.db import transaction

from bearman.lib.errors import Conflict, NotFound
from bearman.lib.issues import images as issues
from profiles.models import Image, ImagePromotion
from profiles.selectors import image_current, image_earlier
from profiles.stage_one import stage_one_forget


@dataclass(frozen=True, slots=True)
class Promoted:
    """The version that is current now, and the one that was before; None for none."""

    image: Image
    before: Image | None


def image_promote(*, image: Image, by: str = "") -> Promoted:
    """Have profiles that follow the image's name deploy this version from now on.

    Raises NotFound where it has just been deleted. Promoting the current one changes nothing.
    """
    with transaction.atomic():
        before = _locked(image.name)
        return _made_current(image, before, by, ImagePromotion.How.PROMOTED)


def image_roll_back(*, name: str, by: str = "", to: str = "") -> Promoted:
    """Make the version current that was current before; again, and it is the one before that.

    `to` is the version that the caller has seen it to be, so that doing it twice changes nothing:
    raises Conflict where it leads to another one by now. Raises NotFound for an image that is
    unknown, Conflict where there was none.
    """
    with transaction.atomic():
        before = _locked(name)
        if before is not None and before.version == to:
            return Promoted(before, before)
        image = image_back(name=name)
        if to and image.version != to:
            raise Conflict(
                f"Going back would lead to {image} by now, and not to {name}/{to}.",
                advice="Look at it again: somebody else has promoted a version.",
            )
        return _made_current(image, before, by, ImagePromotion.How.ROLLED_BACK)


def image_back(*, name: str) -> Image:
    """Return the version to which going back would lead; raises as `image_roll_back`."""
    current = image_current(name=name)
    image = image_earlier(current)
    if image is None:
        raise Conflict(
            f"No version of {name} was current before {current.version}.", issue=issues.NONE_BEFORE
        )
    return image


def _locked(name: str) -> Image | None:
    """Lock all versions of an image, in one order; returns the current one."""
    rows = Image.objects.select_for_update().filter(name=name).order_by("pk")
    return next((row for row in rows if row.current), None)


def _made_current(image: Image, before: Image | None, by: str, how: ImagePromotion.How) -> Promoted:
    if before is not None and before.pk == image.pk:
        image.current = True
        return Promoted(image, before)
    Image.objects.filter(name=image.name, current=True).update(current=False)
    if not Image.objects.filter(pk=image.pk).update(current=True):
        raise NotFound(f"There is no {image} any more: somebody has deleted it.")
    stage_one_forget()
    ImagePromotion.objects.create(
        name=image.name,
        version=image.version,
        before=before.version if before else "",
        how=how,
        by=by[:150],
    )
    image.current = True
    return Promoted(image, before)
