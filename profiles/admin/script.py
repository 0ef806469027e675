"""The pages on releases of the boot scripts."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from bearman.admin import ReadOnlyAdmin, telling
from bearman.pages import ago, badge, code
from profiles.admin.script_texts import differences, texts_of
from profiles.models import ScriptRelease
from profiles.services import release_roll_back


@admin.register(ScriptRelease)
class ScriptReleaseAdmin(ReadOnlyAdmin[ScriptRelease]):
    """Releases of the boot scripts; another one can be made current."""

    list_display = ("version", "state", "published", "published_by", "hashes", "current_button")
    list_display_links = ("version",)
    search_fields = ("version", "published_by")
    ordering = ("-id",)
    fields = ("version",)
    change_form_template = "profiles/admin/release.html"
    empty_title = "No boot script is published"
    empty_advice = "Run `bearman publish_scripts` on the server; machines cannot register before."

    def get_queryset(self, request: HttpRequest) -> QuerySet[ScriptRelease]:
        """Return all releases with their scripts."""
        return super().get_queryset(request).prefetch_related("scripts")

    def get_urls(self) -> list[URLPattern]:
        """Add the page that makes a release current."""
        view = self.admin_site.admin_view(self.current_view)
        return [
            path("<int:pk>/current/", view, name="profiles_scriptrelease_current"),
            *super().get_urls(),
        ]

    def current_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask whether to make a release current (GET), or do it (POST)."""
        release = self.get_object(request, str(pk))
        if release is None:
            raise Http404(f"There is no release {pk} of the boot scripts.")
        if not _may_change(request):
            raise PermissionDenied
        if request.method != "POST":
            return self._question(request, release)
        self._make_current(request, release)
        return HttpResponseRedirect(reverse("admin:profiles_scriptrelease_changelist"))

    def page_context(self, request: HttpRequest, release: ScriptRelease) -> dict[str, Any]:
        """Return the text of the scripts."""
        return {
            "title": f"Boot scripts {release}",
            "subtitle": None,
            "release": release,
            "texts": texts_of(release),
            "may_make_current": _may_change(request) and not release.current,
        }

    def _question(self, request: HttpRequest, release: ScriptRelease) -> TemplateResponse:
        current = ScriptRelease.objects.filter(current=True).first()
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"Make boot scripts {release} current",
            "release": release,
            "current": current,
            "is_back": current is not None and release.pk < current.pk,
            "differences": differences(current, release),
        }
        return TemplateResponse(request, "profiles/admin/release_current.html", context)

    def _make_current(self, request: HttpRequest, release: ScriptRelease) -> None:
        with telling(request):
            release_roll_back(version=release.version, actor=request.user.get_username())
            self.log_change(request, release, "Made current.")
            messages.success(
                request, f"Boot scripts {release} are current: machines that boot now run them."
            )

    @admin.display(description="state", ordering="current")
    def state(self, release: ScriptRelease) -> SafeString:
        """Return whether machines run these."""
        if release.current:
            return badge("current", "good")
        if release.withdrawn_at is not None:
            return badge("withdrawn", "warn", title="Somebody went back from it.")
        return badge("earlier", "mute")

    @admin.display(description="published", ordering="published_at")
    def published(self, release: ScriptRelease) -> SafeString | str:
        """Return when it was published."""
        return ago(release.published_at)

    @admin.display(description="scripts (SHA-256)")
    def hashes(self, release: ScriptRelease) -> SafeString:
        """Return the start of each hash; the whole one is the title."""
        parts = [(s.sha256, s.name, code(s.sha256[:12])) for s in release.scripts.all()]
        return format_html_join(", ", '<span title="{}">{} {}</span>', parts)

    @admin.display(description="")
    def current_button(self, release: ScriptRelease) -> SafeString | str:
        """Return the way to make it current."""
        if release.current:
            return ""
        url = reverse("admin:profiles_scriptrelease_current", args=[release.pk])
        return format_html('<a class="bm-button" href="{}">Make current</a>', url)


def _may_change(request: HttpRequest) -> bool:
    return request.user.has_perm("profiles.change_scriptrelease")
