"""The list of firmware updates of all nodes."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from bearman.admin import ReadOnlyAdmin
from bearman.pages import ago, cut
from nodes.firmware_labels import update_badge
from nodes.models import FirmwareUpdate


@admin.register(FirmwareUpdate)
class FirmwareUpdateAdmin(ReadOnlyAdmin[FirmwareUpdate]):
    """Updates that were done, failed, are under way or wait; machines write them."""

    list_display = ("node_cell", "title_cell", "versions", "state_cell", "why", "attempts", "when")
    list_display_links = None
    list_filter = ("state", "baseline")
    search_fields = ("node__serial", "title", "baseline__name")
    ordering = ("-id",)
    empty_title = "No firmware updates yet"
    empty_advice = (
        "When a machine registers, it is compared with the firmware baselines. What is behind is "
        "listed here, with what became of it."
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[FirmwareUpdate]:
        """Return all of them with node and baseline."""
        rows = super().get_queryset(request).select_related("node", "baseline")
        return rows.defer("log_tail", "node__searched", "node__warnings")

    @admin.display(description="node", ordering="node")
    def node_cell(self, row: FirmwareUpdate) -> SafeString:
        """Return the machine, and the way to its page."""
        url = reverse("admin:nodes_node_change", args=[row.node_id])
        return format_html('<a class="bm-link" href="{}">{}</a>', url, cut(str(row.node), 40))

    @admin.display(description="component", ordering="title")
    def title_cell(self, row: FirmwareUpdate) -> SafeString | str:
        """Return the component."""
        return cut(row.title, 40)

    @admin.display(description="versions")
    def versions(self, row: FirmwareUpdate) -> SafeString:
        """Return what it had and must have, with the baseline."""
        url = reverse("admin:nodes_firmwarebaseline_change", args=[row.baseline_id])
        return format_html(
            '{} → {} <a class="bm-link" href="{}">{}</a>',
            cut(row.from_version, 32),
            cut(row.wanted_version, 32),
            url,
            row.baseline,
        )

    @admin.display(description="state", ordering="state")
    def state_cell(self, row: FirmwareUpdate) -> SafeString:
        """Return how far it is."""
        return update_badge(row)

    @admin.display(description="why")
    def why(self, row: FirmwareUpdate) -> SafeString | str:
        """Return why it failed or waits."""
        return cut(row.reason, 80)

    @admin.display(description="last change")
    def when(self, row: FirmwareUpdate) -> SafeString | str:
        """Return when it ended, began or was planned."""
        return ago(row.ended_at or row.started_at or row.planned_at)
