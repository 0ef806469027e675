"""The pages on wiring plans, with what a plan means for an example machine."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

from bearman.admin import BearmanAdmin
from bearman.lib.errors import BearmanError
from bearman.pages import NOTHING, code
from nodes.models import Node, WiringPlan
from nodes.services.wiring_plans import (
    wiring_plan_check,
    wiring_plan_delete,
    wiring_plan_save,
)
from nodes.wiring.plan import End, Rules
from nodes.wiring_plans import Place, cables_of, place_of, wanted_of

PREVIEW = "_preview"
MOST_EXAMPLES = 20
INVENTED = Place("r1", 7, "", None)


@dataclass(frozen=True, slots=True)
class Example:
    """What a plan says of one machine; `error` is why it says nothing."""

    place: Place
    nodes: list[Node]
    node_id: int | None = None
    ends: tuple[tuple[str, End], ...] = ()
    rules: str = ""
    error: str = ""


@admin.register(WiringPlan)
class WiringPlanAdmin(BearmanAdmin[WiringPlan]):
    """What machines must be cabled like. A change counts from a machine's next check."""

    list_display = ("name", "flavor_cell", "rack_pattern", "priority", "patterns_cell", "rules")
    list_select_related = ("flavor",)
    search_fields = ("name", "patterns", "notes")
    ordering = ("-priority", "name")
    fieldsets = (
        (None, {"fields": ("name", "flavor", "rack_pattern", "priority", "notes")}),
        ("Cables", {"fields": ("patterns",)}),
        (
            "Rules",
            {
                "fields": (
                    *("links", "switches", "same_port", "speed", "vlan", "mtu", "interfaces"),
                ),
                "description": "For interfaces that no cable and no pattern names; speed, VLAN "
                "and MTU also for those that have none of their own.",
            },
        ),
    )
    change_form_template = "nodes/admin/wiring_plan.html"
    empty_title = "No wiring plans yet"
    empty_advice = (
        "A wiring plan says which interface leads to which switch and port. With one, a machine "
        "that registers is refused while a cable is wrong, and told which. Without any, cables "
        "are noted and not compared."
    )

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Give patterns the letters of code, and the flavor a plain choice."""
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        for link in ("add", "change", "delete", "view"):
            if field and db_field.name == "flavor":
                setattr(field.widget, f"can_{link}_related", False)
        if field and db_field.name == "notes":
            field.widget.attrs["rows"] = 2
        if field and db_field.name == "patterns":
            field.widget.attrs.update({"spellcheck": "false", "rows": 6})
            field.widget.attrs["class"] = f"{field.widget.attrs.get('class', '')} bm-source"
        return field

    def get_form(
        self,
        request: HttpRequest,
        obj: WiringPlan | None = None,
        change: bool = False,
        **kwargs: Any,
    ) -> type[ModelForm[WiringPlan]]:
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
        """Show or take the form, beside what it means for an example machine."""
        plan = self.get_object(request, object_id) if object_id else None
        more = {"example": self._example(request, plan), "subtitle": None}
        return super().changeform_view(
            request, object_id, form_url, {**(extra_context or {}), **more}
        )

    def _example(self, request: HttpRequest, plan: WiringPlan | None) -> Example | None:
        draft = plan
        if request.method == "POST":
            form: Any = self.get_form(request, plan, change=plan is not None)
            bound = form(request.POST, instance=plan or WiringPlan())
            bound.is_valid()
            draft = bound.instance
        if draft is None:
            return None
        may_see = request.user.has_perm("nodes.view_node")
        return example_of(draft, request.POST.get("example", ""), offered=may_see)

    def save_model(
        self, request: HttpRequest, obj: WiringPlan, form: ModelForm[WiringPlan], change: bool
    ) -> None:
        """Write the plan."""
        wiring_plan_save(plan=obj)

    def delete_model(self, request: HttpRequest, obj: WiringPlan) -> None:
        """Delete the plan."""
        wiring_plan_delete(plan=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[WiringPlan]) -> None:
        """Delete several."""
        for plan in queryset:
            wiring_plan_delete(plan=plan)

    @admin.display(description="flavor", ordering="flavor__name")
    def flavor_cell(self, plan: WiringPlan) -> str:
        """Return whose machines it is for."""
        return str(plan.flavor) if plan.flavor else "all"

    @admin.display(description="cables")
    def patterns_cell(self, plan: WiringPlan) -> SafeString | str:
        """Return the first pattern, and how many more there are."""
        lines = [line for line in plan.patterns.splitlines() if line.strip()]
        more = f" and {len(lines) - 1} more" if len(lines) > 1 else ""
        return code(f"{lines[0][:60]}{more}") if lines else NOTHING

    @admin.display(description="rules")
    def rules(self, plan: WiringPlan) -> str:
        """Return the rules in words."""
        return in_words(plan) or NOTHING


def example_of(draft: WiringPlan, chosen: str, *, offered: bool = True) -> Example:
    """Return what a plan that may not be saved yet says of the chosen node, or an invented one.

    Real nodes are there to choose where they are `offered`: not to who may not see nodes.
    """
    nodes = _nodes_of(draft) if offered else []
    node = next((node for node in nodes if str(node.pk) == chosen), None)
    if chosen != "0":
        node = node or next(iter(nodes), None)
    place = place_of(node) if node else INVENTED
    node_id = node.pk if node else None
    try:
        plan = wiring_plan_check(plan=draft)
    except BearmanError as error:
        return Example(place, nodes, node_id, error=str(error))
    pretended = Place(place.rack, place.unit, place.serial, draft.flavor_id)
    row = copy(draft)
    row.rack_pattern = "*"  # shown for the invented machine's rack, too
    cables = cables_of([place]) if node else []
    wanted = wanted_of(pretended, [replace(plan, row=row)], cables)
    rules = _rules_in_words(plan.rules) if wanted.rules else ""
    return Example(place, nodes, node_id, tuple(wanted.ends.items()), rules)


def _nodes_of(plan: WiringPlan) -> list[Node]:
    """Return some machines that the plan is for."""
    rows = Node.objects.exclude(rack="").exclude(unit=None).order_by("-pk")
    if plan.flavor_id:
        rows = rows.filter(flavor_id=plan.flavor_id)
    pattern = plan.rack_pattern.casefold()
    fit = (node for node in rows.defer("searched", "warnings")[:200] if _fits(node, pattern))
    return [node for node, _ in zip(fit, range(MOST_EXAMPLES), strict=False)]


def _fits(node: Node, pattern: str) -> bool:
    return fnmatchcase(node.rack.casefold(), pattern)


def in_words(plan: WiringPlan) -> str:
    """Return the rules of a plan in words; empty where it has none."""
    return _rules_in_words(
        Rules(
            links=plan.links,
            switches=plan.switches,
            same_port=plan.same_port,
            speed=plan.speed,
            vlan=plan.vlan,
            mtu=plan.mtu,
            interfaces=tuple(filter(None, (one.strip() for one in plan.interfaces.split(",")))),
        )
    )


def _rules_in_words(rules: Rules) -> str:
    words = (
        (rules.links, f"{rules.links} links"),
        (rules.switches, f"on {rules.switches} switches"),
        (rules.same_port, "in ports with the same number"),
        (rules.speed, f"{rules.speed} Gb/s or more"),
        (rules.vlan, f"native VLAN {rules.vlan}"),
        (rules.mtu, f"MTU {rules.mtu} or more"),
        (rules.interfaces, f"for {', '.join(rules.interfaces)}"),
    )
    return ", ".join(text for asked, text in words if asked)


def _shown_only(form: type[ModelForm[WiringPlan]]) -> type[ModelForm[WiringPlan]]:
    class ShownOnly(form):  # type: ignore[valid-type, misc]
        def is_valid(self) -> bool:
            super().is_valid()
            return False

    return ShownOnly
