"""The pages on images: versions, what boots them, and which one is current."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from bearman.admin import BearmanAdmin
from bearman.pages import NOTHING, ago, badge, size
from profiles.admin.image_current import Current, following, may_promote
from profiles.admin.impact import machines_of
from profiles.admin.package_changes import compare_page, counts_between
from profiles.admin.packages import packages_page
from profiles.admin.upload import how_badge, promotions_of
from profiles.models import Image, ImageUpload
from profiles.selectors import image_earlier, images_listed, manifest_of, no_stage_one
from profiles.services import image_delete


@admin.register(Image)
class ImageAdmin(BearmanAdmin[Image]):
    """Versions of images, which image_builder publishes; one of each name is current."""

    list_display = (
        *("name", "version", "state", "total", "signed", "packages", "built"),
        *("profile_count", "machine_count", "current_button"),
    )
    list_display_links = ("name", "version")
    list_filter = ("current", "kind", "name")
    list_before_template = "profiles/admin/image_before.html"
    search_fields = ("name", "version", "built_from")
    ordering = ("name", "-id")
    change_form_template = "profiles/admin/image.html"
    fields = ("name", "version")
    empty_title = "No images yet"
    empty_advice = (
        "An image is a kernel, an initramfs and mostly a squashfs, in versions. "
        "`python -m image_builder build RECIPE --publish` builds one, and on the server "
        "`bearman image_add NAME VERSION --kernel FILE --initramfs FILE --root FILE` adds files."
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
        """Add the pages that choose the current version, compare two, and send a manifest."""
        view, current = self.admin_site.admin_view, Current(self)
        return [
            path("compare/", view(self.compare_view), name="profiles_image_compare"),
            path("<int:pk>/current/", view(current.promote), name="profiles_image_current"),
            path("<int:pk>/roll-back/", view(current.roll_back), name="profiles_image_back"),
            path("<int:pk>/manifest/", view(self.manifest_view), name="profiles_image_manifest"),
            path("<int:pk>/packages/", view(self.packages_view), name="profiles_image_packages"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list under the ways to all that belongs to it."""
        uploads = ImageUpload.objects.filter(image=None).count()
        more = {"uploads": uploads, "no_stage_one": no_stage_one()}
        return super().changelist_view(request, {**(extra_context or {}), **more})

    def compare_view(self, request: HttpRequest) -> HttpResponse:
        """Compare the packages of two versions."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return compare_page(self, request)

    def manifest_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send a manifest as it was signed."""
        image = self._seen(request, pk)
        response = HttpResponse(manifest_of(image), content_type="application/json")
        name = f"{image.name}-{image.version}-manifest.json"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    def packages_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show all packages of a version."""
        return packages_page(self, request, self._seen(request, pk))

    def _seen(self, request: HttpRequest, pk: int) -> Image:
        if not self.has_view_permission(request):
            raise PermissionDenied
        image = self.get_object(request, str(pk))
        if image is None:
            raise Http404(f"There is no image {pk}.")
        return image

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

    def page_context(self, request: HttpRequest, image: Image) -> dict[str, Any]:
        """Return the version, what uses it, and what may be done with it."""
        current = Image.current_of(image.name)
        return {
            "title": str(image),
            "subtitle": None,
            "image": image,
            "current": current,
            "earlier": image_earlier(image) if image.current else None,
            "is_stage_one": image.name == settings.STAGE_ONE_IMAGE,
            "packages": counts_between(current, image) if current else None,
            "manifest": manifest_of(image),
            "promotions": [(row, how_badge(row)) for row in promotions_of(image)],
            "holding": image.holding_profiles.all(),
            "following": following(image) if image.current else (),
            "machines": machines_of(request, image),
            "may_promote": may_promote(request),
        }

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

    @admin.display(description="signed", ordering="signed_by")
    def signed(self, image: Image) -> SafeString:
        """Return whether a trusted key signed it, the key as title."""
        if image.signed_by:
            return badge("signed", "good", title=f"By key {image.signed_by}")
        return badge("unsigned", "mute", title="By no key that Bearman trusts")

    @admin.display(description="packages", ordering="package_count")
    def packages(self, image: Image) -> int | str:
        """Return how many packages it has."""
        return image.package_count or NOTHING

    @admin.display(description="")
    def current_button(self, image: Image) -> SafeString | str:
        """Return the way to make it current."""
        if image.current:
            return ""
        url = reverse("admin:profiles_image_current", args=[image.pk])
        return format_html('<a class="bm-button" href="{}">Promote</a>', url)
