"""The pages on profiles: the list, the form with what it renders to, and the question before."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString

from bearman.admin import BearmanAdmin
from bearman.pages import NOTHING, ago
from profiles.admin import question, rendered
from profiles.admin.form import ProfileForm, drafted, stock_script
from profiles.admin.holding import Holding
from profiles.admin.question import CONFIRMED, PREVIEW
from profiles.admin.versions import current_version, image_cell, versions_of
from profiles.models import Profile
from profiles.selectors import profiles_list
from profiles.services import profile_delete, profile_save

CODE = ("append", "install_script", "config_body")


@admin.register(Profile)
class ProfileAdmin(BearmanAdmin[Profile]):
    """What machines boot. Saving a change shows first what it changes for which machines."""

    form = ProfileForm
    list_display = (
        *("name", "image_effective", "format_cell", "version", "flavor_count"),
        *("machine_count", "changed"),
    )
    list_filter = ("config_format",)
    search_fields = ("name", "image_name", "notes")
    fieldsets = (
        (None, {"fields": ("name", "notes"), "classes": ("part-name",)}),
        (
            "Image",
            {"fields": ("image_name", "held_image", "boots_root"), "classes": ("part-image",)},
        ),
        ("Kernel command line", {"fields": ("append",), "classes": ("part-append",)}),
        ("Install script", {"fields": ("install_script",), "classes": ("part-script",)}),
        (
            "Configuration",
            {"fields": ("config_format", "config_body"), "classes": ("part-config",)},
        ),
    )
    change_form_template = "profiles/admin/profile.html"
    empty_title = "No profiles yet"
    empty_advice = (
        "A profile says what a node boots: kernel, initramfs and root of an image, a kernel "
        "command line, an install script and a configuration. Add an image first, with "
        "`bearman image_add` on the server."
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Profile]:
        """Return all profiles, each with its number of machines."""
        return (
            profiles_list().annotate(current_version=current_version()).prefetch_related("flavors")
        )

    def get_urls(self) -> list[URLPattern]:
        """Add the preview, and the pages that hold a profile at a version."""
        view = self.admin_site.admin_view
        holding = Holding(self)
        return [
            path("preview/", view(self.preview_view), name="profiles_profile_preview"),
            path("<int:pk>/hold/<int:image>/", view(holding.hold), name="profiles_profile_hold"),
            path("<int:pk>/follow/", view(holding.follow), name="profiles_profile_follow"),
            *super().get_urls(),
        ]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin a new profile with the install script that sets up the network."""
        return {"install_script": stock_script(), **super().get_changeform_initial_data(request)}

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Give code its letters, and choices no links."""
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and db_field.name in CODE:
            field.widget.attrs.update({"spellcheck": "false", "autocapitalize": "off"})
            field.widget.attrs["class"] = f"{field.widget.attrs.get('class', '')} bm-source"
        if field and db_field.name == "notes":
            field.widget.attrs["rows"] = 3
        for link in ("add", "change", "delete", "view"):
            if hasattr(getattr(field, "widget", None), f"can_{link}_related"):
                setattr(field.widget, f"can_{link}_related", False)
        return field

    def get_form(
        self, request: HttpRequest, obj: Profile | None = None, change: bool = False, **kwargs: Any
    ) -> type[ModelForm[Profile]]:
        """Return the form class; for a preview, one that is never ready to be saved."""
        form = super().get_form(request, obj, change, **kwargs)
        return _shown_only(form) if PREVIEW in request.POST else form

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show or take the form of a new profile."""
        more = self._page(request, Profile(install_script=stock_script()))
        return super().add_view(request, form_url, {**(extra_context or {}), **more})

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show or take the form; a change that was not confirmed yet is asked about first."""
        profile = self.get_object(request, object_id)
        if profile is None or not self.has_view_or_change_permission(request, profile):
            return super().change_view(request, object_id, form_url, extra_context)
        if request.method == "POST" and not {CONFIRMED, PREVIEW} & request.POST.keys():
            asked = self._question(request, profile)
            if asked is not None:
                return asked
        more = self._page(request, profile)
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **more})

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """Return what the form as it stands renders to."""
        if not (self.has_add_permission(request) or self.has_change_permission(request)):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        return rendered.answer(request)

    def save_model(
        self, request: HttpRequest, obj: Profile, form: ModelForm[Profile], change: bool
    ) -> None:
        """Write the profile, if nobody else did since it was read."""
        if change:
            obj.version = form.cleaned_data["read_version"]
        profile_save(profile=obj)

    def delete_model(self, request: HttpRequest, obj: Profile) -> None:
        """Delete the profile, unless a machine or a flavor has it."""
        profile_delete(profile=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Profile]) -> None:
        """Delete several."""
        for profile in queryset:
            profile_delete(profile=profile)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Name the profiles only: the service looks after what has them."""
        return self.named_only(objs)

    def _page(self, request: HttpRequest, profile: Profile) -> dict[str, Any]:
        draft = drafted(request.POST) if request.method == "POST" else profile
        return {
            "subtitle": None,
            "profile": None if profile._state.adding else profile,
            **rendered.beside(request, draft),
            **versions_of(request, profile),
        }

    def _question(self, request: HttpRequest, profile: Profile) -> TemplateResponse | None:
        """Return the page that shows what a change changes; None where the form says more."""
        if not self.has_change_permission(request, profile):
            return None
        changing = self.get_object(request, str(profile.pk))
        form: Any = self.get_form(request, profile, change=True)(request.POST, instance=changing)
        if not form.is_valid() or not form.has_changed():
            return None
        if form.cleaned_data["read_version"] != profile.version:
            return None  # the service refuses it in words
        return question.change_page(self, request, form=form, before=profile)

    @admin.display(description="image", ordering="image_name")
    def image_effective(self, profile: Profile) -> SafeString:
        """Return the version that a deployment would use now."""
        return image_cell(profile)

    @admin.display(description="config format", ordering="config_format")
    def format_cell(self, profile: Profile) -> str:
        """Return the format by the name that people know."""
        return profile.config_format

    @admin.display(description="flavors")
    def flavor_count(self, profile: Profile) -> str:
        """Return the flavors that give it by default."""
        return ", ".join(flavor.name for flavor in profile.flavors.all()) or NOTHING

    @admin.display(description="machines")
    def machine_count(self, profile: Profile) -> int:
        """Return how many machines have it now."""
        return int(getattr(profile, "machines", 0))

    @admin.display(description="changed", ordering="changed_at")
    def changed(self, profile: Profile) -> SafeString | str:
        """Return when what it deploys changed last."""
        return ago(profile.changed_at)


def _shown_only(form: type[ModelForm[Profile]]) -> type[ModelForm[Profile]]:
    class ShownOnly(form):  # type: ignore[valid-type, misc]
        def is_valid(self) -> bool:
            super().is_valid()
            return False

    return ShownOnly
