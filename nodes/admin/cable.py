"""The pages on cables: the list, one cable, and CSV in and out."""

from __future__ import annotations

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString

from bearman.admin import BearmanAdmin
from bearman.lib.errors import BearmanError, Invalid
from bearman.pages import NOTHING, code
from nodes.models import Cable
from nodes.services.cables import (
    CableImport,
    cable_delete,
    cable_save,
    cables_export,
    cables_import,
)
from nodes.wiring.cable_rows import COLUMNS

MOST_KEPT = 1_000_000  # characters that a page carries from the check to the import


@admin.register(Cable)
class CableAdmin(BearmanAdmin[Cable]):
    """Exact cables, one row each. They win over the patterns and rules of wiring plans."""

    list_display = ("machine", "interface", "switch", "port_cell", "speed_cell", "vlan", "mtu")
    list_display_links = ("machine",)
    list_per_page = 100
    search_fields = ("rack", "serial", "interface", "switch", "port")
    search_help_text = "Rack, serial, interface, switch or port"
    ordering = ("rack", "unit", "serial", "interface")
    fields = (("rack", "unit"), "serial", "interface", ("switch", "port"), ("speed", "vlan", "mtu"))
    list_before_template = "nodes/admin/cable_before.html"
    empty_title = "No cables yet"
    empty_advice = (
        "A cable says exactly where one interface of one machine leads. Import them from CSV, or "
        "write a wiring plan with patterns instead."
    )

    def get_urls(self) -> list[URLPattern]:
        """Add import and export."""
        view = self.admin_site.admin_view
        return [
            path("import/", view(self.import_view), name="nodes_cable_import"),
            path("export/", view(self.export_view), name="nodes_cable_export"),
            *super().get_urls(),
        ]

    def save_model(
        self, request: HttpRequest, obj: Cable, form: ModelForm[Cable], change: bool
    ) -> None:
        """Write the cable."""
        cable_save(cable=obj)

    def delete_model(self, request: HttpRequest, obj: Cable) -> None:
        """Delete the cable."""
        cable_delete(cable=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Cable]) -> None:
        """Delete several."""
        for cable in queryset:
            cable_delete(cable=cable)

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Show the form (GET); check a file, or write it (POST)."""
        if not (self.has_add_permission(request) and self.has_change_permission(request)):
            raise PermissionDenied
        if "replace" in request.POST and not self.has_delete_permission(request):
            raise PermissionDenied
        return import_page(self, request)

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """Return all cables as a CSV file."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        answer = HttpResponse(cables_export(), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = 'attachment; filename="cables.csv"'
        return answer

    @admin.display(description="machine", ordering="rack")
    def machine(self, cable: Cable) -> str:
        """Return the place, or the serial."""
        if cable.serial:
            return f"serial {cable.serial}"
        return f"rack {cable.rack} unit {cable.unit}"

    @admin.display(description="port", ordering="port")
    def port_cell(self, cable: Cable) -> SafeString | str:
        """Return the port."""
        return code(cable.port)

    @admin.display(description="speed", ordering="speed")
    def speed_cell(self, cable: Cable) -> str:
        """Return the least speed."""
        return f"{cable.speed} Gb/s" if cable.speed else NOTHING


class ImportForm(forms.Form):
    """A CSV file, or the text of one that was checked."""

    file = forms.FileField(required=False, label="CSV file")
    text = forms.CharField(required=False, widget=forms.HiddenInput, strip=False)
    replace = forms.BooleanField(required=False, label="Remove cables that are not in the file")

    def csv(self) -> str:
        """Return the text of the file; raises Invalid."""
        file = self.cleaned_data["file"]
        if file is None and not self.cleaned_data["text"]:
            raise Invalid("Choose a CSV file.")
        try:
            return file.read().decode("utf-8-sig") if file else str(self.cleaned_data["text"])
        except UnicodeDecodeError as error:
            raise Invalid(
                "The file is not UTF-8 text.", advice="Save it as CSV in UTF-8."
            ) from error


def import_page(page: BearmanAdmin[Cable], request: HttpRequest) -> HttpResponse:
    """Show the form, and what a file would do; or write it and lead to the list."""
    posted = request.method == "POST"
    form = ImportForm(request.POST if posted else None, request.FILES if posted else None)
    report: CableImport | None = None
    text = ""
    if posted and form.is_valid():
        write = "write" in request.POST
        try:
            text, replace = form.csv(), form.cleaned_data["replace"]
            report = cables_import(text=text, replace=replace, dry_run=not write)
        except BearmanError as error:
            form.add_error(None, str(error))
        if report and write and not report.errors:
            _log(request, report)
            messages.success(request, f"Cables imported: {report}")
            return HttpResponseRedirect(reverse("admin:nodes_cable_changelist"))
    context = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "media": page.media,
        "title": "Import cables",
        "form": form,
        "report": report,
        "text": text if len(text) <= MOST_KEPT else "",
        "columns": ",".join(COLUMNS),
        "may_replace": page.has_delete_permission(request),
    }
    return TemplateResponse(request, "nodes/admin/cable_import.html", context)


def _log(request: HttpRequest, report: CableImport) -> None:
    """Write down in the Admin's history who imported."""
    LogEntry.objects.create(
        user_id=request.user.pk or 0,
        content_type=ContentType.objects.get_for_model(Cable),
        object_repr="CSV import",
        action_flag=CHANGE,
        change_message=f"Cables imported: {report}",
    )
