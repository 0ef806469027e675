"""The pages on boot scripts."""

from __future__ import annotations

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from bearman.admin import ReadOnlyAdmin, telling
from bearman.pages import ago, badge, code
from profiles.models import BootScript
from profiles.services import script_rollback


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
