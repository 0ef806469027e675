"""The page on events: everything that ever happened to a deployment."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from baremetal.labels import event_badge
from baremetal.models import BaremetalEvent
from bearman.admin import ReadOnlyAdmin
from bearman.pages import ago, cut, issue_badge


@admin.register(BaremetalEvent)
class BaremetalEventAdmin(ReadOnlyAdmin[BaremetalEvent]):
    """Events of all deployments, newest first; a deployment's page links here for its own."""

    list_display = ("when", "row_link", "kind_badge", "change", "code", "text", "actor")
    list_display_links = ("when",)
    list_filter = ("kind",)
    ordering = ("-id",)
    fields = (
        *("row_link", "at", "actor", "kind_badge", "change", "step", "attempt", "code"),
        *("message", "log"),
    )
    empty_title = "Nothing has been deployed yet"
    empty_advice = "Whatever happens in a deployment is written down here, for good."

    def get_queryset(self, request: HttpRequest) -> QuerySet[BaremetalEvent]:
        """Return all events; the log tails only where one event is shown."""
        rows = super().get_queryset(request).select_related("baremetal")
        rows = rows.defer("baremetal__spec", "baremetal__log_tail")
        match = request.resolver_match
        is_list = match is not None and str(match.url_name).endswith("_changelist")
        return rows.defer("baremetal__spec", "baremetal__log_tail", "log_tail") if is_list else rows

    @admin.display(description="when", ordering="id")
    def when(self, event: BaremetalEvent) -> SafeString | str:
        """Return how long ago it happened."""
        return ago(event.at)

    @admin.display(description="host name")
    def row_link(self, event: BaremetalEvent) -> SafeString:
        """Return the host name, as a link to the deployment's page."""
        url = reverse("admin:baremetal_baremetal_change", args=[event.baremetal_id])
        return format_html('<a class="bm-link" href="{}">{}</a>', url, event.baremetal.hostname)

    @admin.display(description="kind", ordering="kind")
    def kind_badge(self, event: BaremetalEvent) -> SafeString:
        """Return the kind as a label."""
        return event_badge(event.kind)

    @admin.display(description="state", empty_value="")
    def change(self, event: BaremetalEvent) -> str:
        """Return the change of state, if it was one."""
        if not event.to_state:
            return ""
        return f"{event.from_state or 'new'} → {event.to_state}"

    @admin.display(description="issue", empty_value="")
    def code(self, event: BaremetalEvent) -> SafeString | str:
        """Return what failed, as a label that leads to its entry in the catalogue."""
        return issue_badge(event.issue)

    @admin.display(description="what happened")
    def text(self, event: BaremetalEvent) -> SafeString | str:
        """Return the step and the message on one line."""
        return cut(": ".join(filter(None, (event.step, event.message))), 110)

    @admin.display(description="log")
    def log(self, event: BaremetalEvent) -> SafeString | str:
        """Return the last lines of the step's log."""
        if not event.log_tail:
            return ""
        return format_html('<pre class="bm-pre">{}</pre>', event.log_tail)
