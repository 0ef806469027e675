"""The pages on nodes: the list, and one page for each."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString

from bearman.admin import BearmanAdmin, telling
from bearman.pages import ago, code, cut
from nodes import overview
from nodes.admin.buttons import buttons_of
from nodes.admin.cards import cards_of
from nodes.admin.clash import differences
from nodes.admin.confirm import confirmation
from nodes.admin.doing import CONFIRMED, actor_of, do_verb, selected
from nodes.admin.filters import (
    BreakerFilter,
    IssueFilter,
    LastSeenFilter,
    PowerFilter,
    RackFilter,
)
from nodes.admin.issues import issues_page
from nodes.admin.raw import raw_inventory_page
from nodes.admin.roundup import roundup_page
from nodes.admin.verbs import permitted, verb_named
from nodes.labels import TELLING, power_badge, status_cell, tone_of
from nodes.models import Node
from nodes.order import by_place
from nodes.selectors import matching
from nodes.services.placement import neighbour_of, node_place
from nodes.states import MEANINGS, NodeStatus


@admin.register(Node)
class NodeAdmin(BearmanAdmin[Node]):
    """All machines. Nobody adds or deletes one here: they register, and they are retired."""

    list_display = (
        *("uuid_cell", "serial_cell", "vendor_cell", "product", "flavor", "zone", "place_cell"),
        *("ipmi_address", "power_cell", "status_cell", "last_seen_cell"),
    )
    list_filter = (
        *("status", IssueFilter, "zone", RackFilter, "flavor"),
        *(PowerFilter, BreakerFilter, LastSeenFilter),
    )
    list_before_template = "nodes/admin/node_list_before.html"
    search_fields = ("serial",)  # shows the box; `get_search_results` says what it does
    search_help_text = "UUID, serial, vendor, product, rack or BMC address"
    ordering = ("-id",)
    fields = ("zone", "rack", "unit", "flavor")
    change_form_template = "nodes/admin/node.html"
    empty_title = "No nodes yet"
    empty_template = "nodes/admin/first_steps.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return false: a machine registers itself."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Node | None = None) -> bool:
        """Return false: a node is retired, and its history stays."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Node]:
        """Return all nodes, without the secrets of their BMCs."""
        return overview.listed_nodes()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Node], search_term: str
    ) -> tuple[QuerySet[Node], bool]:
        """Return the nodes that the words fit."""
        return queryset.filter(matching(search_term)), False

    def get_urls(self) -> list[URLPattern]:
        """Add the verbs, the raw inventory and the round-up."""
        view = self.admin_site.admin_view
        return [
            # Named as a list, so that the sidebar leads to it.
            path("round-up/", view(roundup_page), name="nodes_roundup_changelist"),
            path("<int:pk>/do/<slug:name>/", view(self.verb_view), name="nodes_node_do"),
            path("issues/", view(issues_page), name="nodes_issue_changelist"),
            path("<int:pk>/raw/", view(raw_inventory_page), name="nodes_node_raw"),
            path("<int:pk>/raw/<slug:part>/", view(raw_inventory_page), name="nodes_node_raw_text"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list under the number of nodes per status."""
        counts = [
            (status, count, tone_of(status), MEANINGS[status])
            for status, count in overview.status_counts().items()
        ]
        return super().changelist_view(request, {**(extra_context or {}), "status_counts": counts})

    def page_context(self, request: HttpRequest, node: Node) -> dict[str, Any]:
        """Return the node, its cards and its buttons."""
        return {
            "title": str(node),
            "subtitle": None,
            "node": node,
            "bmc": getattr(node, "bmc", None),
            "details": overview.node_details(node),
            "tone": tone_of(node.status),
            "meaning": MEANINGS[NodeStatus(node.status)],
            "telling": node.status in TELLING,
            "cards": cards_of(request, node),
            **buttons_of(request, node),
            "may_see_raw": request.user.has_perm("nodes.view_rawinventory"),
            **self._clash(node),
        }

    @staticmethod
    def _clash(node: Node) -> dict[str, Any]:
        if node.clashes_with_id is None or node.status != NodeStatus.QUARANTINED:
            return {}
        ours, theirs = overview.with_parts(node.pk), overview.with_parts(node.clashes_with_id)
        if ours is None or theirs is None:
            return {}
        return {"other": theirs, "differences": differences(ours, theirs)}

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the plain choice: zones and flavors are made on their own pages."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        return _plain(field) if field else None

    def save_model(
        self, request: HttpRequest, obj: Node, form: ModelForm[Node], change: bool
    ) -> None:
        """Set zone, flavor and place; nothing else of a node is written by hand."""
        node_place(
            node=obj,
            zone=obj.zone,
            flavor=obj.flavor,
            rack=obj.rack,
            unit=obj.unit,
            actor=actor_of(request),
        )
        other = neighbour_of(node=obj)
        if other is not None:
            messages.warning(
                request, f"Node {other.pk} ({other}) is said to be in {obj.place} too."
            )

    def verb_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """Do one thing with one node (POST), or ask whether to (GET)."""
        node = self.get_object(request, str(pk))
        verb = verb_named(name)
        if node is None or verb is None:
            raise Http404(f"There is no node {pk}, or nothing like {name} can be done with it.")
        if not (self.has_view_permission(request, node) and request.user.has_perm(verb.permission)):
            raise PermissionDenied
        back = reverse("admin:nodes_node_change", args=[pk])
        asks = verb.power is not None and verb.asks_for(node) and CONFIRMED not in request.POST
        if request.method != "POST" or asks:
            return confirmation(self, request, verb=verb, nodes=[node], back=back)
        leads_to = None
        with telling(request):
            leads_to = do_verb(request, verb, [node])
        return leads_to or HttpResponseRedirect(back)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Return the verbs, for who may use them."""
        verbs = permitted(request)
        return {verb.name: (selected(verb), verb.name, verb.label) for verb in verbs}

    @admin.display(description="UUID", ordering="uuid")
    def uuid_cell(self, node: Node) -> SafeString | str:
        """Return the UUID, which leads to the node's page."""
        return code(node.uuid or f"none (node {node.pk})")

    @admin.display(description="serial", ordering="serial")
    def serial_cell(self, node: Node) -> SafeString | str:
        """Return the serial number."""
        return cut(node.serial, 24)

    @admin.display(description="vendor", ordering="vendor")
    def vendor_cell(self, node: Node) -> SafeString | str:
        """Return the vendor."""
        return cut(node.vendor, 28)

    @admin.display(description="product name", ordering="product_name")
    def product(self, node: Node) -> SafeString | str:
        """Return the product name."""
        return cut(node.product_name, 36)

    @admin.display(description="place", ordering=by_place())
    def place_cell(self, node: Node) -> SafeString | str:
        """Return rack and unit, on one line."""
        return cut(node.place.replace(" ", "\N{NO-BREAK SPACE}"), 20)

    @admin.display(description="IPMI IP", ordering="bmc__address")
    def ipmi_address(self, node: Node) -> SafeString | str:
        """Return the BMC's address."""
        return code(getattr(getattr(node, "bmc", None), "address", None))

    @admin.display(description="power", ordering="bmc__power")
    def power_cell(self, node: Node) -> SafeString | str:
        """Return the power state that was read last."""
        return power_badge(getattr(node, "bmc", None))

    @admin.display(description="status", ordering="status")
    def status_cell(self, node: Node) -> SafeString:
        """Return the status and, where a person has something to do, why."""
        return status_cell(node)

    @admin.display(description="last seen", ordering="last_seen")
    def last_seen_cell(self, node: Node) -> SafeString | str:
        """Return how long ago the node was heard of."""
        return ago(node.last_seen)


def _plain(field: Any) -> Any:
    for link in ("add", "change", "delete", "view"):
        setattr(field.widget, f"can_{link}_related", False)
    return field
