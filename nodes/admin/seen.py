"""The page on machines that were turned away."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from bearman.admin import ReadOnlyAdmin, log_added, telling
from bearman.pages import ago, badge, code, cut, exact
from nodes.labels import status_badge
from nodes.models import BootRequest, Node
from nodes.overview import enrolment_now
from nodes.services.enrolment import network_around, window_open
from nodes.states import NodeStatus


@admin.register(BootRequest)
class BootRequestAdmin(ReadOnlyAdmin[BootRequest]):
    """Machines that were turned away, one row each, or that failed before they registered."""

    list_display = ("uuid_cell", "source_cell", "asked", "times", "why", "open_button")
    list_display_links = None
    list_per_page = 100
    search_fields = ("uuid", "source")
    search_help_text = "UUID or address"
    ordering = ("-asked_at", "-id")
    list_before_template = "nodes/admin/seen_before.html"
    empty_title = "No machine was turned away"
    empty_advice = (
        "Machines that boot from a network for which enrolment is closed are listed here for a "
        "day, so that you can let them in."
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[BootRequest]:
        """Return those who got no token or failed before they registered.

        With the status of the node of that UUID.
        """
        known = Node.objects.filter(uuid=OuterRef("uuid")).exclude(status=NodeStatus.QUARANTINED)
        return (
            super()
            .get_queryset(request)
            .filter(Q(granted=False) | Q(node=None) & ~Q(message=""))
            .annotate(
                node_status=Subquery(known.values("status")[:1]),
                node_key=Subquery(known.values("pk")[:1]),
            )
        )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list under what enrolment is open for now."""
        return super().changelist_view(request, {**(extra_context or {}), **enrolment_now()})

    def get_urls(self) -> list[URLPattern]:
        """Add the button's address."""
        view = self.admin_site.admin_view(require_POST(self.open_view))
        return [path("<int:pk>/open/", view, name="nodes_bootrequest_open"), *super().get_urls()]

    def open_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Open enrolment for an hour for the network that the machine asked from."""
        if not request.user.has_perm("nodes.add_enrolmentwindow"):
            raise PermissionDenied
        row = BootRequest.objects.filter(pk=pk).first()
        if row is None:
            messages.warning(request, "That machine has asked again, or its row is gone.")
        else:
            self._open(request, row)
        return HttpResponseRedirect(reverse("admin:nodes_bootrequest_changelist"))

    def _open(self, request: HttpRequest, row: BootRequest) -> None:
        note = f"Opened by {request.user.get_username()} for {row.uuid}"
        with telling(request):
            window = window_open(network=network_around(row.source), note=note)
            log_added(request, window, "Opened from the list of seen machines.")
            messages.success(
                request,
                f"Enrolment is open for {window.network} until {exact(window.closes_at)}. The "
                "machine registers when it asks again: boot it from the network.",
            )

    @admin.display(description="UUID", ordering="uuid")
    def uuid_cell(self, row: BootRequest) -> SafeString | str:
        """Return the UUID that it gave."""
        return code(row.uuid)

    @admin.display(description="asked from", ordering="source")
    def source_cell(self, row: BootRequest) -> SafeString | str:
        """Return the address it asked from."""
        return code(row.source)

    @admin.display(description="last asked", ordering="asked_at")
    def asked(self, row: BootRequest) -> SafeString | str:
        """Return when it asked last."""
        return ago(row.asked_at)

    @admin.display(description="why it has no node")
    def why(self, row: BootRequest) -> SafeString:
        """Return what failed, why it was refused, whose status it has, or that it is unknown."""
        if row.granted:
            failed = badge("failed before registering", "bad", title=row.message)
            return format_html("{} {}: {}", failed, row.step, cut(row.message, 200))
        if row.message:
            refused = badge("refused", "bad", title=row.message)
            return format_html("{} {}", refused, cut(row.message, 200))
        status, key = getattr(row, "node_status", None), getattr(row, "node_key", None)
        if status is None:
            return badge("unknown machine", "warn", title="Enrolment was closed for its network.")
        url, label = reverse("admin:nodes_node_change", args=[key]), status_badge(status)
        return format_html('{} <a class="bm-link" href="{}">its page</a>', label, url)

    @admin.display(description="")
    def open_button(self, row: BootRequest) -> SafeString | str:
        """Return the button that lets it in; it posts with the list's own form."""
        if row.granted or row.message or getattr(row, "node_status", None) is not None:
            return ""
        url = reverse("admin:nodes_bootrequest_open", args=[row.pk])
        return format_html(
            '<button type="submit" class="bm-button" formaction="{}" title="{}">'
            "Open enrolment for 1 hour</button>",
            url,
            f"Lets unknown machines of the network around {row.source} register",
        )
