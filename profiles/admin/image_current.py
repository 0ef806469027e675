"""The pages that make a version of an image the current one, or go back to the one before."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from bearman.admin import BearmanAdmin, refuse, telling
from bearman.lib.errors import BearmanError
from profiles.admin.impact import machines_following
from profiles.admin.package_changes import counts_between
from profiles.admin.question import image_differences
from profiles.models import Image, Profile
from profiles.services import image_back, image_promote, image_roll_back


class Current:
    """Each page shows whom it would concern (GET), and does it (POST)."""

    def __init__(self, page: BearmanAdmin[Image]) -> None:
        self.page = page

    def promote(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Make a version current."""
        image = self._image(request, pk)
        if request.method != "POST":
            title = f"Promote {image}"
            return self._question(request, image, title=title, label="Promote", to="")
        with telling(request):
            image_promote(image=image, by=request.user.get_username())
            self.page.log_change(request, image, "Made current.")
            messages.success(request, f"{image} is current: deployments that begin now boot it.")
        return _to(image)

    def roll_back(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Make the version current that was before the one that is."""
        image = self._image(request, pk)
        try:
            if request.method == "POST":
                return self._back(request, image)
            before = image_back(name=image.name)
        except BearmanError as error:
            refuse(request, error)
            return _to(image)
        title = f"Roll {image.name} back to {before.version}"
        return self._question(request, before, title=title, label="Roll back", to=before.version)

    def _back(self, request: HttpRequest, image: Image) -> HttpResponse:
        to = request.POST.get("to", "")[:64]
        found = image_roll_back(name=image.name, by=request.user.get_username(), to=to)
        self.page.log_change(request, found.image, "Rolled back to it.")
        messages.success(
            request, f"{found.image} is current again: deployments that begin now boot it."
        )
        return _to(found.image)

    def _image(self, request: HttpRequest, pk: int) -> Image:
        image = self.page.get_object(request, str(pk))
        if image is None:
            raise Http404(f"There is no image {pk}.")
        if not may_promote(request):
            raise PermissionDenied
        return image

    def _question(
        self, request: HttpRequest, image: Image, *, title: str, label: str, to: str
    ) -> TemplateResponse:
        current = Image.current_of(image.name)
        held = Profile.objects.filter(image_name=image.name, held_image__isnull=False)
        context: dict[str, Any] = {
            **self.page.admin_site.each_context(request),
            "opts": self.page.opts,
            "original": image,
            "title": title,
            "label": label,
            "to": to,
            "image": image,
            "current": current,
            "differences": image_differences(current, image),
            "packages": counts_between(current, image) if current else None,
            "following": following(image),
            "held": held.select_related("held_image").order_by("name"),
            "machines": machines_following(request, image),
            "without_root": image.root is None,
            "is_stage_one": image.name == settings.STAGE_ONE_IMAGE,
        }
        return TemplateResponse(request, "profiles/admin/image_current.html", context)


def may_promote(request: HttpRequest) -> bool:
    """Say whether the operator may choose which version is current."""
    return request.user.has_perm("profiles.change_image")


def following(image: Image) -> QuerySet[Profile]:
    """Return the profiles that follow an image's name."""
    return Profile.objects.filter(image_name=image.name, held_image__isnull=True).order_by("name")


def _to(image: Image) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:profiles_image_change", args=[image.pk]))
