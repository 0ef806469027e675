"""The pages on images: versions, what boots them, and which one is current."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from bearman.admin import BearmanAdmin, telling
from bearman.pages import ago, badge, size
from profiles.admin.impact import machines_following, machines_of
from profiles.admin.question import image_differences
from profiles.models import Image, Profile
from profiles.selectors import images_listed
from profiles.services import image_delete, image_promote


@admin.register(Image)
class ImageAdmin(BearmanAdmin[Image]):
    """Versions of images, which `bearman image_add` adds; one of each name is current."""

    list_display = (
        *("name", "version", "state", "total", "built_from", "built"),
        *("profile_count", "machine_count", "current_button"),
    )
    list_display_links = ("name", "version")
    list_filter = ("current", "name")
    search_fields = ("name", "version", "built_from")
    ordering = ("name", "-id")
    change_form_template = "profiles/admin/image.html"
    fields = ("name", "version")
    empty_title = "No images yet"
    empty_advice = (
        "An image is a kernel, an initramfs and mostly a squashfs. Add one on the server: "
        "`bearman image_add NAME VERSION --kernel FILE --initramfs FILE --root FILE`."
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return false: files are added on the server."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Image | None = None) -> bool:
        """Return false: a version never changes, but for which one is current."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Image]:
        """Return all versions, with how many profiles and machines have each."""
        return images_listed()

    def get_urls(self) -> list[URLPattern]:
        """Add the page that makes a version current."""
        view = self.admin_site.admin_view(self.current_view)
        return [
            path("<int:pk>/current/", view, name="profiles_image_current"),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show one version."""
        image = self.get_object(request, object_id)
        more = self._page(request, image) if image else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **more})

    def current_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask whether to make a version current (GET), or do it (POST)."""
        image = self.get_object(request, str(pk))
        if image is None:
            raise Http404(f"There is no image {pk}.")
        if not _may_make_current(request):
            raise PermissionDenied
        if request.method != "POST":
            return self._question(request, image)
        with telling(request):
            image_promote(image=image, by=request.user.get_username())
            self.log_change(request, image, "Made current.")
            messages.success(request, f"{image} is current: deployments that begin now boot it.")
        return HttpResponseRedirect(reverse("admin:profiles_image_change", args=[pk]))

    def delete_model(self, request: HttpRequest, obj: Image) -> None:
        """Delete the version with its files, unless something needs it."""
        image_delete(image=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Image]) -> None:
        """Delete several."""
        for image in queryset:
            image_delete(image=image)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Name the versions only: the service looks after what needs them."""
        return self.named_only(objs)

    def _page(self, request: HttpRequest, image: Image) -> dict[str, Any]:
        return {
            "title": str(image),
            "subtitle": None,
            "image": image,
            "holding": image.holding_profiles.all(),
            "following": _following(image) if image.current else (),
            "machines": machines_of(request, image),
            "may_make_current": _may_make_current(request) and not image.current,
        }

    def _question(self, request: HttpRequest, image: Image) -> TemplateResponse:
        current = Image.objects.filter(name=image.name, current=True).first()
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": image,
            "title": f"Make {image} current",
            "image": image,
            "differences": image_differences(current, image),
            "following": _following(image),
            "held": Profile.objects.filter(image_name=image.name, held_image__isnull=False)
            .select_related("held_image")
            .order_by("name"),
            "machines": machines_following(request, image),
            "without_root": image.root is None,
        }
        return TemplateResponse(request, "profiles/admin/image_current.html", context)

    @admin.display(description="state", ordering="current")
    def state(self, image: Image) -> SafeString:
        """Return whether profiles that follow the name boot this version."""
        return badge("current", "good") if image.current else badge("other", "mute")

    @admin.display(description="size")
    def total(self, image: Image) -> str:
        """Return the size of all files."""
        return size(image.size)

    @admin.display(description="built", ordering="built_at")
    def built(self, image: Image) -> SafeString | str:
        """Return when it was built."""
        return ago(image.built_at)

    @admin.display(description="profiles")
    def profile_count(self, image: Image) -> int:
        """Return how many profiles would deploy it now."""
        following = getattr(image, "following", 0) if image.current else 0
        return int(getattr(image, "holding", 0)) + int(following)

    @admin.display(description="machines")
    def machine_count(self, image: Image) -> int:
        """Return how many machines boot it."""
        return int(getattr(image, "machines", 0))

    @admin.display(description="")
    def current_button(self, image: Image) -> SafeString | str:
        """Return the way to make it current."""
        if image.current:
            return ""
        url = reverse("admin:profiles_image_current", args=[image.pk])
        return format_html('<a class="bm-button" href="{}">Make current</a>', url)


def _may_make_current(request: HttpRequest) -> bool:
    return request.user.has_perm("profiles.change_image")


def _following(image: Image) -> QuerySet[Profile]:
    return Profile.objects.filter(image_name=image.name, held_image__isnull=True).order_by("name")
