"""The page on events: everything that ever happened to a machine."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from bearman.admin import ReadOnlyAdmin
from bearman.pages import ago, cut, issue_badge
from nodes.labels import event_badge
from nodes.models import NodeEvent


@admin.register(NodeEvent)
class NodeEventAdmin(ReadOnlyAdmin[NodeEvent]):
    """Events of all nodes, newest first; a node's page links here for its own."""

    list_display = ("when", "node_link", "kind_badge", "change", "code", "text", "actor")
    list_display_links = ("when",)
    list_filter = ("kind",)
    list_select_related = ("node",)
    ordering = ("-id",)
    fields = ("node_link", "at", "actor", "kind_badge", "change", "step", "code", "message", "log")
    empty_title = "Nothing has happened yet"
    empty_advice = "Whatever happens to a machine is written down here, for good."

    def get_queryset(self, request: HttpRequest) -> QuerySet[NodeEvent]:
        """Return all events; the log tails only where one event is shown."""
        rows = super().get_queryset(request)
        match = request.resolver_match
        is_list = match is not None and str(match.url_name).endswith("_changelist")
        return rows.defer("log_tail") if is_list else rows

    @admin.display(description="when", ordering="id")
    def when(self, event: NodeEvent) -> SafeString | str:
        """Return how long ago it happened."""
        return ago(event.at)

    @admin.display(description="node")
    def node_link(self, event: NodeEvent) -> SafeString:
        """Return the machine, as a link to its page."""
        url = reverse("admin:nodes_node_change", args=[event.node_id])
        return format_html('<a class="bm-link" href="{}">{}</a>', url, cut(str(event.node), 48))

    @admin.display(description="kind", ordering="kind")
    def kind_badge(self, event: NodeEvent) -> SafeString:
        """Return the kind as a label."""
        return event_badge(event.kind)

    @admin.display(description="status", empty_value="")
    def change(self, event: NodeEvent) -> str:
        """Return the change of status, if it was one."""
        if not event.to_status:
            return ""
        return f"{event.from_status or 'new'} → {event.to_status}"

    @admin.display(description="issue", empty_value="")
    def code(self, event: NodeEvent) -> SafeString | str:
        """Return what failed, as a label that leads to its entry in the catalogue."""
        return issue_badge(event.issue)

    @admin.display(description="what happened")
    def text(self, event: NodeEvent) -> SafeString | str:
        """Return the step and the message on one line."""
        return cut(": ".join(filter(None, (event.step, event.message))), 110)

    @admin.display(description="log")
    def log(self, event: NodeEvent) -> SafeString | str:
        """Return the last lines of the step's log."""
        if not event.log_tail:
            return ""
        return format_html('<pre class="bm-pre">{}</pre>', event.log_tail)
