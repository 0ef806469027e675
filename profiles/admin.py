"""The pages on flavors and boot scripts."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from bearman.admin import BearmanAdmin, ReadOnlyAdmin, telling
from bearman.pages import ago, badge, code
from profiles.models import BootScript, Flavor
from profiles.services import flavor_delete, flavor_save, script_rollback


@admin.register(Flavor)
class FlavorAdmin(BearmanAdmin[Flavor]):
    """Kinds of machines, and the patterns by which they are known."""

    list_display = ("name", "vendor_pattern", "product_pattern", "notes_short")
    search_fields = ("name", "vendor_pattern", "product_pattern")
    fields = ("name", "vendor_pattern", "product_pattern", "notes")
    empty_title = "No flavors yet"
    empty_advice = (
        "A flavor is a kind of machine. A machine that registers gets the first flavor whose "
        "patterns match its vendor and product name."
    )

    def save_model(
        self, request: HttpRequest, obj: Flavor, form: ModelForm[Flavor], change: bool
    ) -> None:
        """Write the flavor."""
        flavor_save(flavor=obj)

    def delete_model(self, request: HttpRequest, obj: Flavor) -> None:
        """Delete the flavor, unless nodes have it."""
        flavor_delete(flavor=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Flavor]) -> None:
        """Delete several."""
        for flavor in queryset:
            flavor_delete(flavor=flavor)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Name the flavors only: the service looks after their nodes, which may be thousands."""
        return self.named_only(objs)

    @admin.display(description="notes")
    def notes_short(self, flavor: Flavor) -> str:
        """Return the start of the notes."""
        return flavor.notes[:80]


@admin.register(BootScript)
class BootScriptAdmin(ReadOnlyAdmin[BootScript]):
    """Published versions of the boot scripts; an earlier one can be made current again."""

    list_display = ("name", "version", "state", "published", "current_button")
    list_display_links = None
    list_filter = ("name",)
    ordering = ("name", "-current", "-published_at")
    empty_title = "No boot script is published"
    empty_advice = "Run `bearman publish_scripts` on the server; machines cannot register before."

    def get_urls(self) -> list[URLPattern]:
        """Add the page that makes a version current."""
        view = self.admin_site.admin_view(self.current_view)
        return [
            path("<int:pk>/current/", view, name="profiles_bootscript_current"),
            *super().get_urls(),
        ]

    def current_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask whether to make a version current (GET), or do it (POST)."""
        script = self.get_object(request, str(pk))
        if script is None:
            raise Http404(f"There is no boot script {pk}.")
        if not request.user.has_perm("profiles.change_bootscript"):
            raise PermissionDenied
        if request.method != "POST":
            return self._question(request, script)
        self._make_current(request, script)
        return HttpResponseRedirect(reverse("admin:profiles_bootscript_changelist"))

    def _question(self, request: HttpRequest, script: BootScript) -> TemplateResponse:
        current = BootScript.objects.filter(name=script.name, current=True).first()
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"Make {script.name} {script.sha256[:12]} current",
            "script": script,
            "current": current,
        }
        return TemplateResponse(request, "profiles/admin/current.html", context)

    def _make_current(self, request: HttpRequest, script: BootScript) -> None:
        with telling(request):
            script_rollback(name=script.name, sha256=script.sha256)
            self.log_change(request, script, "Made current.")
            messages.success(
                request, f"{script} is current: machines that boot from now on run it."
            )

    @admin.display(description="version (SHA-256)", ordering="sha256")
    def version(self, script: BootScript) -> SafeString:
        """Return the start of the hash; the whole one is the title."""
        return format_html('<span title="{}">{}</span>', script.sha256, code(script.sha256[:16]))

    @admin.display(description="state", ordering="current")
    def state(self, script: BootScript) -> SafeString:
        """Return whether machines run this version."""
        return badge("current", "good") if script.current else badge("earlier", "mute")

    @admin.display(description="published", ordering="published_at")
    def published(self, script: BootScript) -> SafeString | str:
        """Return when it was published."""
        return ago(script.published_at)

    @admin.display(description="")
    def current_button(self, script: BootScript) -> SafeString | str:
        """Return the way to make it current."""
        if script.current:
            return ""
        url = reverse("admin:profiles_bootscript_current", args=[script.pk])
        return format_html('<a class="bm-button" href="{}">Make current</a>', url)
