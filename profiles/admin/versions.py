"""The versions of the image that a profile boots."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, Subquery
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from bearman.lib.errors import NotFound
from bearman.pages import badge
from profiles.admin.impact import flavors_of, machines_of
from profiles.models import Image, Profile
from profiles.selectors import image_before, image_of

MOST_VERSIONS = 10  # listed on a profile's page; the list of images has them all


def versions_of(request: HttpRequest, profile: Profile) -> dict[str, Any]:
    """Return what a profile's page says of its image's versions, and of who has the profile."""
    if profile._state.adding:
        return {}
    try:
        now = image_of(profile)
    except NotFound:
        now = None
    versions = Image.objects.filter(name=profile.image_name).order_by("-pk")
    return {
        "image_now": now,
        "earlier": image_before(now) if now else None,
        "versions": list(versions[:MOST_VERSIONS]),
        "machines": machines_of(request, profile),
        "flavors": list(flavors_of(profile)),
    }


def current_version() -> Subquery:
    """Return the current version of a profile's image, for an annotation."""
    current = Image.objects.filter(name=OuterRef("image_name"), current=True)
    return Subquery(current.values("version")[:1])


def image_cell(profile: Profile) -> SafeString:
    """Return the version that a deployment would use; needs `current_version` on the row."""
    if profile.held_image is not None:
        return format_html("{} {}", profile.held_image, badge("held", "warn"))
    version = getattr(profile, "current_version", None)
    if version is None:
        return format_html("{} {}", profile.image_name, badge("no such image", "bad"))
    return format_html("{}/{}", profile.image_name, version)
