"""The pages on what was asked of machines' power."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from bearman.admin import ReadOnlyAdmin
from bearman.lib.errors import NotFound
from bearman.pages import ago, cut
from nodes.labels import result_badge
from nodes.models import PowerRequest
from nodes.selectors import power_batch

VIEW = "nodes.view_node"  # as over gRPC: who sees a machine sees what was done to it


@admin.register(PowerRequest)
class PowerRequestAdmin(ReadOnlyAdmin[PowerRequest]):
    """What was asked, one row a node, newest first; each leads to the batch it was asked in."""

    list_display = ("when", "action", "node_link", "result_cell", "text", "actor")
    list_display_links = None
    list_filter = ("result", "action")
    list_select_related = ("node",)
    search_fields = ("actor", "node__serial")
    search_help_text = "Operator, or serial of the node"
    ordering = ("-id",)
    fields = ("batch_link", "node_link", "action", "actor", "result_cell", "message", "advice")
    empty_title = "Nothing was asked yet"
    empty_advice = (
        "Switch machines on and off, or set what they boot next, on a node's page or for a "
        "selection of the list of nodes. What came of it is kept here for 30 days."
    )

    def has_view_permission(self, request: HttpRequest, obj: PowerRequest | None = None) -> bool:
        """Return whether the operator sees nodes."""
        return request.user.has_perm(VIEW)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Return whether the operator sees nodes."""
        return request.user.has_perm(VIEW)

    def get_queryset(self, request: HttpRequest) -> QuerySet[PowerRequest]:
        """Return all requests."""
        return super().get_queryset(request).defer("node__searched")

    def get_urls(self) -> list[URLPattern]:
        """Add the page of a batch."""
        view = self.admin_site.admin_view(self.batch_view)
        return [
            path("batch/<uuid:batch>/", view, name="nodes_powerrequest_batch"),
            *super().get_urls(),
        ]

    def batch_view(self, request: HttpRequest, batch: UUID) -> HttpResponse:
        """Show how far a batch is; until it is finished the page looks again by itself."""
        if not request.user.has_perm(VIEW):
            raise PermissionDenied
        try:
            found = power_batch(batch=batch)
        except NotFound as error:
            raise Http404(str(error)) from error
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            "title": found.words.label,
            "batch": found,
        }
        return TemplateResponse(request, "nodes/admin/power_batch.html", context)

    @admin.display(description="asked", ordering="id")
    def when(self, row: PowerRequest) -> SafeString:
        """Return how long ago it was asked, as a link to its batch."""
        return format_html(
            '<a class="bm-link" href="{}">{}</a>', _batch_url(row), ago(row.asked_at)
        )

    @admin.display(description="batch")
    def batch_link(self, row: PowerRequest) -> SafeString:
        """Return the batch, as a link."""
        return format_html('<a class="bm-link" href="{}">{}</a>', _batch_url(row), row.batch)

    @admin.display(description="node")
    def node_link(self, row: PowerRequest) -> SafeString:
        """Return the machine, as a link to its page."""
        url = reverse("admin:nodes_node_change", args=[row.node_id])
        return format_html('<a class="bm-link" href="{}">{}</a>', url, cut(str(row.node), 48))

    @admin.display(description="result", ordering="result")
    def result_cell(self, row: PowerRequest) -> SafeString:
        """Return how far it is, as a label."""
        return result_badge(row.result)

    @admin.display(description="what came of it")
    def text(self, row: PowerRequest) -> SafeString | str:
        """Return what came of it on one line."""
        return cut(row.message, 110)


def _batch_url(row: PowerRequest) -> str:
    return reverse("admin:nodes_powerrequest_batch", args=[row.batch])
