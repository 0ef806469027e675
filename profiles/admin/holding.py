"""The pages that hold a profile at a version of its image, roll it back, or let it follow again."""

from __future__ import annotations

from copy import copy

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from bearman.admin import BearmanAdmin, telling
from bearman.lib.errors import NotFound
from profiles.admin.form import number
from profiles.admin.question import holding_page
from profiles.models import Image, Profile
from profiles.selectors import image_of
from profiles.services import profile_follow, profile_hold


class Holding:
    """Each page shows what it would change (GET), and does it (POST)."""

    def __init__(self, page: BearmanAdmin[Profile]) -> None:
        self.page = page

    def hold(self, request: HttpRequest, pk: int, image: int) -> HttpResponse:
        """Hold a profile at a version; going to an earlier one is to roll back."""
        profile = self._profile(request, pk)
        held = Image.objects.filter(pk=image, name=profile.image_name).first()
        if held is None:
            raise Http404(f"There is no such version of {profile.image_name}.")
        if request.method == "POST":
            with telling(request):
                profile_hold(profile=_as_read(request, profile), image=held)
                self._done(request, profile, f"Held at {held}.")
            return self._back(profile)
        label = f"{_verb(profile, held)} {held}"
        return self._question(request, profile, held, label)

    def follow(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Have a profile follow the current version again."""
        profile = self._profile(request, pk)
        if request.method == "POST":
            with telling(request):
                profile_follow(profile=_as_read(request, profile))
                self._done(request, profile, f"Follows {profile.image_name}.")
            return self._back(profile)
        return self._question(request, profile, None, f"Follow {profile.image_name} again")

    def _profile(self, request: HttpRequest, pk: int) -> Profile:
        profile = self.page.get_object(request, str(pk))
        if profile is None:
            raise Http404(f"There is no profile {pk}.")
        if not self.page.has_change_permission(request, profile):
            raise PermissionDenied
        return profile

    def _question(
        self, request: HttpRequest, profile: Profile, held: Image | None, label: str
    ) -> HttpResponse:
        after = copy(profile)
        after.held_image = held
        title = f"{profile.name}: {label[:1].lower()}{label[1:]}"
        return holding_page(
            self.page, request, before=profile, after=after, title=title, label=label
        )

    def _done(self, request: HttpRequest, profile: Profile, words: str) -> None:
        self.page.log_change(request, profile, words)
        messages.success(
            request,
            f"{profile.name}: {words} It is at version {profile.version} now; machines that have "
            "it stay as they were deployed.",
        )

    @staticmethod
    def _back(profile: Profile) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse("admin:profiles_profile_change", args=[profile.pk]))


def _as_read(request: HttpRequest, profile: Profile) -> Profile:
    """Return the profile with the version that the operator looked at: the service compares."""
    profile.version = number(request.POST.get("read_version")) or 0
    return profile


def _verb(profile: Profile, held: Image) -> str:
    try:
        return "Roll back to" if held.pk < image_of(profile).pk else "Hold at"
    except NotFound:
        return "Hold at"
