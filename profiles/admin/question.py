"""The page that shows what a change of a profile would change, and asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse

from bearman.pages import size
from profiles.admin.changes import field_differences, rendered_differences, unlike
from profiles.admin.form import ProfileForm
from profiles.admin.impact import flavors_of, machines_of
from profiles.admin.rendered import example_for, verdict
from profiles.models import Image, Profile
from profiles.models.image import Artefact
from profiles.services.preview import profile_preview
from profiles.services.profiles import DEPLOYED

if TYPE_CHECKING:
    from bearman.admin import BearmanAdmin

CONFIRMED, PREVIEW = "_confirmed", "_preview"
_NOT_SENT_AGAIN = frozenset({"csrfmiddlewaretoken", CONFIRMED, PREVIEW})


def change_page(
    page: BearmanAdmin[Profile], request: HttpRequest, *, form: ProfileForm, before: Profile
) -> TemplateResponse:
    """Return the page before a change is saved; it carries the form as it was filled in."""
    sent = [(key, value) for key, values in request.POST.lists() for value in values]
    return _page(
        page,
        request,
        before=before,
        after=form.instance,
        title=f"Change profile {before.name}",
        label="Save the change",
        differences=field_differences(form, before),
        sent=[(key, value) for key, value in sent if key not in _NOT_SENT_AGAIN],
        back_name=PREVIEW,
    )


def holding_page(
    page: BearmanAdmin[Profile],
    request: HttpRequest,
    *,
    before: Profile,
    after: Profile,
    title: str,
    label: str,
) -> TemplateResponse:
    """Return the page before a profile is held at a version of its image, or follows it again."""
    return _page(
        page,
        request,
        before=before,
        after=after,
        title=title,
        label=label,
        differences=unlike(
            [("Held at", str(before.held_image or ""), str(after.held_image or ""))]
        ),
        sent=[("read_version", str(before.version))],
        back=reverse("admin:profiles_profile_change", args=[before.pk]),
    )


def _page(
    page: BearmanAdmin[Profile],
    request: HttpRequest,
    *,
    before: Profile,
    after: Profile,
    **more: Any,
) -> TemplateResponse:
    example = example_for(request)
    was = profile_preview(profile=before, facts=example.facts)
    will_be = profile_preview(profile=after, facts=example.facts)
    context = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "original": before,
        "media": page.media,
        "makes_version": _makes_version(before, after),
        "next_version": before.version + 1,
        "images": image_differences(was.image, will_be.image),
        "example": example,
        "was": was,
        "preview": will_be,
        "files": rendered_differences(was, will_be),
        "machines": machines_of(request, before),
        "flavors": list(flavors_of(before)),
        "confirmed_name": CONFIRMED,
        **verdict(after, will_be),
        **more,
    }
    return TemplateResponse(request, "profiles/admin/question.html", context)


def image_differences(before: Image | None, after: Image | None) -> list[Any]:
    """Return how version and files of an image change."""
    if before == after:
        return []
    kinds = ("kernel", "initramfs", "root")
    pairs = [(kind, _artefact(before, kind), _artefact(after, kind)) for kind in kinds]
    return unlike([("version", str(before or ""), str(after or "")), *pairs])


def _artefact(image: Image | None, kind: str) -> str:
    artefact: Artefact | None = getattr(image, kind, None)
    return f"{size(artefact.size)}, SHA-256 {artefact.sha256[:16]}…" if artefact else ""


def _makes_version(before: Profile, after: Profile) -> bool:
    return any(getattr(before, name) != getattr(after, name) for name in DEPLOYED)
