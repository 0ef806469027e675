"""The pages on uploads of images that are under way, and on who promoted what."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from bearman.admin import ReadOnlyAdmin
from bearman.pages import ago, badge
from profiles.models import Image, ImagePromotion, ImageUpload
from profiles.services.uploads import image_abort

BACK = "profiles/admin/back_to_images.html"


@admin.register(ImageUpload)
class ImageUploadAdmin(ReadOnlyAdmin[ImageUpload]):
    """Uploads that are not complete; their secret stays in the database."""

    list_before_template = BACK
    list_display = ("label", "began_by", "began", "expires", "signed_by", "give_up")
    list_display_links = None
    search_fields = ("name", "version", "began_by")
    ordering = ("-id",)
    fields = ("name", "version", "began_by", "began_at", "expires_at", "signed_by")
    empty_title = "No upload is under way"
    empty_advice = (
        "`python -m image_builder build RECIPE --publish` uploads what it has built. What is "
        "complete stands under Images; what was broken off stays here until it is taken up again, "
        "given up, or removed after BEARMAN_UPLOAD_HOURS."
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImageUpload]:
        """Return those that are not complete, without their manifests."""
        return super().get_queryset(request).filter(image=None).defer("manifest")

    def has_view_permission(self, request: HttpRequest, obj: ImageUpload | None = None) -> bool:
        """Return whether the operator may see images."""
        return request.user.has_perm("profiles.view_image")

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Return the same."""
        return self.has_view_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: ImageUpload | None = None) -> bool:
        """Return whether the operator may give one up: who may delete images."""
        return request.user.has_perm("profiles.delete_image")

    def delete_model(self, request: HttpRequest, obj: ImageUpload) -> None:
        """Give it up, and remove what came of it."""
        image_abort(upload=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[ImageUpload]) -> None:
        """Give several up."""
        for upload in queryset:
            image_abort(upload=upload)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Name the uploads only."""
        return self.named_only(objs)

    @admin.display(description="image", ordering="name")
    def label(self, upload: ImageUpload) -> str:
        """Return the version that it would make known."""
        return f"{upload.name}/{upload.version}"

    @admin.display(description="began", ordering="began_at")
    def began(self, upload: ImageUpload) -> SafeString | str:
        """Return when it began."""
        return ago(upload.began_at)

    @admin.display(description="is removed", ordering="expires_at")
    def expires(self, upload: ImageUpload) -> SafeString | str:
        """Return when it ends by itself."""
        return ago(upload.expires_at)

    @admin.display(description="")
    def give_up(self, upload: ImageUpload) -> SafeString:
        """Return the way to give it up; the page asks first."""
        url = reverse("admin:profiles_imageupload_delete", args=[upload.pk])
        return format_html('<a class="bm-button" href="{}">Give up</a>', url)


@admin.register(ImagePromotion)
class ImagePromotionAdmin(ReadOnlyAdmin[ImagePromotion]):
    """Who made which version current, and when; nobody writes it by hand."""

    list_before_template = BACK
    list_display = ("at_cell", "version_cell", "how_cell", "before_cell", "by_cell")
    list_display_links = None
    list_filter = ("name", "how")
    search_fields = ("name", "version", "by")
    ordering = ("-id",)
    fields = ("name", "version", "before", "how", "by", "at")
    empty_title = "Nothing has been promoted yet"
    empty_advice = (
        "Promote a version on its page under Images, or with `bearman-cli image promote`."
    )

    def has_view_permission(self, request: HttpRequest, obj: ImagePromotion | None = None) -> bool:
        """Return whether the operator may see images."""
        return request.user.has_perm("profiles.view_image")

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Return the same."""
        return self.has_view_permission(request)

    @admin.display(description="when", ordering="at")
    def at_cell(self, row: ImagePromotion) -> SafeString | str:
        """Return when it was."""
        return ago(row.at)

    @admin.display(description="became current", ordering="name")
    def version_cell(self, row: ImagePromotion) -> str:
        """Return the version."""
        return f"{row.name}/{row.version}"

    @admin.display(description="how", ordering="how")
    def how_cell(self, row: ImagePromotion) -> SafeString:
        """Return whether it went forwards or back."""
        return how_badge(row)

    @admin.display(description="in place of")
    def before_cell(self, row: ImagePromotion) -> str:
        """Return the version that was current until then."""
        return row.before or "none"

    @admin.display(description="by", ordering="by")
    def by_cell(self, row: ImagePromotion) -> str:
        """Return who did it."""
        return row.by or "before there was a history"


def how_badge(row: ImagePromotion) -> SafeString:
    """Return as a label whether a promotion went forwards or back."""
    return badge(row.how, "warn" if row.how == ImagePromotion.How.ROLLED_BACK else "good")


def promotions_of(image: Image, most: int = 10) -> list[ImagePromotion]:
    """Return the last promotions of an image, the newest first."""
    return list(ImagePromotion.objects.filter(name=image.name).order_by("-pk")[:most])
