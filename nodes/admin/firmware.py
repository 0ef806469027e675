"""The pages on firmware baselines: what machines must have, and which do not have it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString

from bearman.admin import BearmanAdmin
from bearman.admin.base import BoundedChangeList
from bearman.pages import NOTHING, badge, code
from nodes.admin.firmware_form import FirmwareForm
from nodes.admin.firmware_pages import file_page, step_page, steps_of
from nodes.firmware_labels import mode_badge, update_badge
from nodes.firmware_overview import Count, builds_now, counted, named, updates_latest
from nodes.models import FirmwareBaseline
from nodes.models.firmware import FirmwareMode
from nodes.services.firmware_baselines import baseline_delete, baseline_save

if TYPE_CHECKING:
    from django.contrib.admin.views.main import ChangeList

PREVIEW = "_preview"


class CountedChangeList(BoundedChangeList):
    """A list of baselines, each with how the nodes stand to it; counted once for all."""

    def get_results(self, request: HttpRequest) -> None:
        """Fetch the page, and count."""
        super().get_results(request)
        rows, builds = list(self.result_list), builds_now()
        for row in rows:
            row.count = counted(row.rule, builds)
        self.result_list = rows


@admin.register(FirmwareBaseline)
class FirmwareBaselineAdmin(BearmanAdmin[FirmwareBaseline]):
    """Which firmware machines must have. A change counts from a machine's next registration."""

    form = FirmwareForm
    list_display = (
        *("name", "component", "machines", "wanted_cell", "mode_cell"),
        *("behind_cell", "good_cell", "unknown_cell"),
    )
    list_filter = ("component", "mode")
    list_select_related = ("canary",)
    search_fields = ("name", "wanted", "vendor_pattern", "product_pattern", "model_pattern")
    ordering = ("component", "position", "name")
    fieldsets = (
        (None, {"fields": ("name", "mode", "notes")}),
        (
            "Which machines",
            {"fields": ("component", "vendor_pattern", "product_pattern", "model_pattern")},
        ),
        ("Which version", {"fields": ("comparator", "wanted", "match", "read_with")}),
        (
            "How it is applied",
            {"fields": ("tool", "words", "reboot", "timeout_seconds", "position")},
        ),
    )
    change_form_template = "nodes/admin/firmware.html"
    empty_title = "No firmware baselines yet"
    empty_advice = (
        "A baseline says which version a component of some machines must have, and which file "
        "brings it. Machines that register are compared with it; begin with a dry run to see which "
        "are behind. `bearman firmware_add` on the server does the same."
    )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Return the class of the list."""
        return CountedChangeList

    def get_urls(self) -> list[URLPattern]:
        """Add the file's page and those of the buttons."""

        def step(request: HttpRequest, pk: int, name: str) -> HttpResponse:
            return step_page(self, request, pk, name)

        def file(request: HttpRequest, pk: int) -> HttpResponse:
            return file_page(self, request, pk)

        view = self.admin_site.admin_view
        return [
            path("<int:pk>/do/<slug:name>/", view(step), name="nodes_firmwarebaseline_do"),
            path("<int:pk>/file/", view(file), name="nodes_firmwarebaseline_file"),
            *super().get_urls(),
        ]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Keep the notes small."""
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and db_field.name == "notes":
            field.widget.attrs["rows"] = 2
        return field

    def get_form(
        self,
        request: HttpRequest,
        obj: FirmwareBaseline | None = None,
        change: bool = False,
        **kwargs: Any,
    ) -> type[ModelForm[FirmwareBaseline]]:
        """Return the form class; for a preview, one that is never ready to be saved."""
        form = super().get_form(request, obj, change, **kwargs)
        return _shown_only(form) if PREVIEW in request.POST else form

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show or take the form, beside the nodes that it is about."""
        baseline = self.get_object(request, object_id) if object_id else None
        more = {
            "subtitle": None,
            "baseline": baseline,
            **self._nodes(request, baseline),
            **_beside(baseline),
        }
        return super().changeform_view(
            request, object_id, form_url, {**(extra_context or {}), **more}
        )

    def _nodes(self, request: HttpRequest, baseline: FirmwareBaseline | None) -> dict[str, Any]:
        """Return how the nodes stand to the baseline, as it is or as it stands in the form."""
        draft, valid = baseline, True
        if request.method == "POST":
            form: Any = self.get_form(request, baseline, change=baseline is not None)
            fresh = self.get_object(request, str(baseline.pk)) if baseline else None
            bound = form(request.POST, instance=fresh or FirmwareBaseline())
            bound.is_valid()
            draft, valid = bound.instance, not bound.errors
        if draft is None or not valid:
            return {"broken": not valid}
        count = counted(draft.rule, builds_now())
        return {"count": count, **_named(request, count)}

    def save_model(
        self,
        request: HttpRequest,
        obj: FirmwareBaseline,
        form: ModelForm[FirmwareBaseline],
        change: bool,
    ) -> None:
        """Write the baseline."""
        baseline_save(baseline=obj)

    def delete_model(self, request: HttpRequest, obj: FirmwareBaseline) -> None:
        """Delete the baseline with its file, unless a machine is at it."""
        baseline_delete(baseline=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[FirmwareBaseline]) -> None:
        """Delete several."""
        for baseline in queryset:
            baseline_delete(baseline=baseline)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Name the baselines only: their updates may be thousands."""
        return self.named_only(objs)

    @admin.display(description="for")
    def machines(self, baseline: FirmwareBaseline) -> SafeString | str:
        """Return the patterns."""
        patterns = (baseline.vendor_pattern, baseline.product_pattern, baseline.model_pattern)
        return code(" · ".join(filter(None, patterns)))

    @admin.display(description="wanted", ordering="wanted")
    def wanted_cell(self, baseline: FirmwareBaseline) -> str:
        """Return the wanted version."""
        return baseline.wanted_words

    @admin.display(description="mode", ordering="mode")
    def mode_cell(self, baseline: FirmwareBaseline) -> SafeString:
        """Return how far it goes, and how its canary does."""
        return mode_badge(baseline)

    @admin.display(description="behind")
    def behind_cell(self, baseline: FirmwareBaseline) -> SafeString | str:
        """Return how many nodes are behind."""
        count: Count = baseline.count  # type: ignore[attr-defined]
        if not count.behind:
            return NOTHING
        tone = "mute" if baseline.mode == FirmwareMode.OFF else "warn"
        return badge(f"{count.behind} of {count.total}", tone, title="nodes are behind")

    @admin.display(description="up to date")
    def good_cell(self, baseline: FirmwareBaseline) -> SafeString | str:
        """Return how many nodes have what they must."""
        count: Count = baseline.count  # type: ignore[attr-defined]
        newer = format_html(" <span class='bm-soft'>+ {} newer</span>", count.newer)
        return format_html("{}{}", count.good or NOTHING, newer if count.newer else "")

    @admin.display(description="unknown")
    def unknown_cell(self, baseline: FirmwareBaseline) -> str:
        """Return of how many nodes nobody knows."""
        return str(baseline.count.unknown or NOTHING)  # type: ignore[attr-defined]


def _beside(baseline: FirmwareBaseline | None) -> dict[str, Any]:
    if baseline is None:
        return {}
    return {
        "mode": mode_badge(baseline),
        "steps": steps_of(baseline),
        "updates": [(row, update_badge(row)) for row in updates_latest(baseline)],
    }


def _named(request: HttpRequest, count: Count) -> dict[str, Any]:
    """Return the nodes by name, for who may look at nodes."""
    if not request.user.has_perm("nodes.view_node"):
        return {}
    return {"behind": named(count.behind_ids), "unknown": named(count.unknown_ids)}


def _shown_only(form: type[ModelForm[FirmwareBaseline]]) -> type[ModelForm[FirmwareBaseline]]:
    class ShownOnly(form):  # type: ignore[valid-type, misc]
        def is_valid(self) -> bool:
            super().is_valid()
            return False

    return ShownOnly
