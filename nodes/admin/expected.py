"""The pages on expected machines: what has not shown up yet, and what is not as ordered."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from bearman.admin import BearmanAdmin
from bearman.pages import NOTHING, ago, badge, code, cut, issue_badge
from nodes import arrivals
from nodes.admin import expected_import
from nodes.admin.doing import actor_of
from nodes.admin.expected_filters import ArrivedFilter
from nodes.admin.filters import RackFilter
from nodes.labels import status_badge
from nodes.models import ExpectedMachine
from nodes.order import by_place
from nodes.services.expected import expected_delete, expected_save
from nodes.states import NodeStatus

NO_BREAK = "\N{NO-BREAK SPACE}"


@admin.register(ExpectedMachine)
class ExpectedMachineAdmin(BearmanAdmin[ExpectedMachine]):
    """Machines that were ordered; first of all those that have not shown up yet."""

    list_display = (
        *("place_cell", "serial_cell", "machine", "memory", "flavor", "zone"),
        *("due_cell", "arrived_cell", "unlike_cell"),
    )
    list_display_links = ("serial_cell",)
    list_filter = (ArrivedFilter, "zone", RackFilter, "flavor")
    list_per_page = 100
    search_fields = ("serial", "asset_tag", "rack", "model", "note")
    search_help_text = "Serial, asset tag, rack, model or note"
    ordering = (by_place(), "serial")  # type: ignore[assignment]
    fields = (
        *("serial", ("vendor", "model"), "memory", ("rack", "unit"), ("zone", "flavor")),
        *(("mac", "asset_tag"), ("due", "note")),
    )
    list_before_template = "nodes/admin/expected_before.html"
    empty_title = "No such machine is expected"
    empty_template = "nodes/admin/expected_empty.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ExpectedMachine]:
        """Return all, with what a row shows."""
        return arrivals.listed_expected()

    def get_fields(
        self, request: HttpRequest, obj: ExpectedMachine | None = None
    ) -> tuple[Any, ...]:
        """Return the fields; of one that is there, first what has become of it."""
        return ("arrived_cell", "unlike_cell", *self.fields) if obj else self.fields

    def get_readonly_fields(
        self, request: HttpRequest, obj: ExpectedMachine | None = None
    ) -> tuple[str, ...]:
        """Return what nobody writes."""
        return ("arrived_cell", "unlike_cell") if obj else ()

    def get_urls(self) -> list[URLPattern]:
        """Add import and export."""
        view = self.admin_site.admin_view
        return [
            path("import/", view(self.import_view), name="nodes_expectedmachine_import"),
            path("import/<uuid:key>/", view(self.check_view), name="nodes_expectedmachine_check"),
            path(
                "import/<uuid:key>/file/", view(self.file_view), name="nodes_expectedmachine_file"
            ),
            path("export/", view(self.export_view), name="nodes_expectedmachine_export"),
            path("sample/", view(self.sample_view), name="nodes_expectedmachine_sample"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list under how many there are of each kind."""
        more = {"chips": arrivals.chips(), "may_import": expected_import.may_import(self, request)}
        return super().changelist_view(request, {**(extra_context or {}), **more})

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Ask for a file (GET), or keep and check it (POST)."""
        return expected_import.upload_page(self, request)

    def check_view(self, request: HttpRequest, key: UUID) -> HttpResponse:
        """Show what a file would do (GET), or import it (POST)."""
        return expected_import.check_page(self, request, key)

    def file_view(self, request: HttpRequest, key: UUID) -> HttpResponse:
        """Send a file as it was given."""
        return expected_import.file_download(self, request, key)

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """Send the list as a file."""
        return expected_import.export_download(self, request)

    def sample_view(self, request: HttpRequest) -> HttpResponse:
        """Send a small list to begin with."""
        return expected_import.sample_download(self, request)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the plain choice: zones and flavors are made on their own pages."""
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        for link in ("add", "change", "delete", "view"):
            setattr(getattr(field, "widget", None), f"can_{link}_related", False)
        return field

    def save_model(
        self,
        request: HttpRequest,
        obj: ExpectedMachine,
        form: ModelForm[ExpectedMachine],
        change: bool,
    ) -> None:
        """Write it; a node that has arrived follows."""
        expected_save(machine=obj, actor=actor_of(request))

    def delete_model(self, request: HttpRequest, obj: ExpectedMachine) -> None:
        """Take it off the list."""
        expected_delete(machine=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[ExpectedMachine]) -> None:
        """Take several off the list."""
        for machine in queryset:
            expected_delete(machine=machine)

    @admin.display(description="place", ordering=by_place())
    def place_cell(self, row: ExpectedMachine) -> SafeString | str:
        """Return rack and unit, on one line."""
        return cut(row.place.replace(" ", NO_BREAK), 24)

    @admin.display(description="serial", ordering="serial")
    def serial_cell(self, row: ExpectedMachine) -> SafeString | str:
        """Return the serial number, which leads to its page."""
        return code(row.serial)

    @admin.display(description="machine", ordering="model")
    def machine(self, row: ExpectedMachine) -> SafeString | str:
        """Return vendor and model."""
        return cut(" ".join(filter(None, (row.vendor, row.model))), 40)

    @admin.display(description="due", ordering="due")
    def due_cell(self, row: ExpectedMachine) -> SafeString | str:
        """Return the day, and for how long it is late."""
        if row.due is None:
            return NOTHING
        if not row.days_late:
            return row.due.isoformat()
        days = "1 day" if row.days_late == 1 else f"{row.days_late} days"
        return format_html("{} {}", row.due.isoformat(), badge(f"{days} late", "warn"))

    @admin.display(description="arrived", ordering="arrived_at")
    def arrived_cell(self, row: ExpectedMachine) -> SafeString | str:
        """Return its node, or that there is none yet."""
        if row.node is None:
            return self._waiting(getattr(row, "quarantined", None))
        url = reverse("admin:nodes_node_change", args=[row.node.pk])
        return format_html(
            '{} <a class="bm-link" href="{}">node {}</a><div class="bm-why">{}</div>',
            status_badge(row.node.status),
            url,
            row.node.pk,
            ago(row.arrived_at),
        )

    @staticmethod
    def _waiting(quarantined: int | None) -> SafeString:
        """Return that it has not been seen, or that a machine of its serial is in quarantine."""
        if quarantined is None:
            return badge("not seen yet", "mute")
        url = reverse("admin:nodes_quarantinednode_change", args=[quarantined])
        words = '{} <a class="bm-link" href="{}">node {}</a>'
        return format_html(words, status_badge(NodeStatus.QUARANTINED), url, quarantined)

    @admin.display(description="not as expected")
    def unlike_cell(self, row: ExpectedMachine) -> SafeString | str:
        """Return the worst of what is not as the list says, and how much more there is."""
        found = arrivals.unlike_of(row)
        if not found:
            return NOTHING
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        label = issue_badge(found[0].issue)
        return format_html(
            '{}<div class="bm-why">{}{}</div>', label, cut(found[0].message, 90), more
        )
