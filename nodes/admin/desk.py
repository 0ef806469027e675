"""The identity desk: the machines in quarantine, and what to decide about each."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from bearman.admin import ReadOnlyAdmin, telling
from bearman.admin.base import BoundedChangeList
from bearman.pages import NOTHING, ago, cut, issue_badge
from nodes import overview
from nodes.admin.clash import differences
from nodes.admin.desk_ask import ASKED, ask, decide
from nodes.labels import score_badge, tone_of
from nodes.models import Node, QuarantinedNode
from nodes.selectors import matching
from nodes.services.candidates import Candidate, candidates_of
from nodes.states import MEANINGS, NodeStatus

VIEW, CHANGE = "nodes.view_node", "nodes.change_node"


class DeskList(BoundedChangeList):
    """The list, whose rows know which nodes they may be."""

    def get_results(self, request: HttpRequest) -> None:
        """Fetch the page, and the candidates of all its rows at once."""
        super().get_results(request)
        rows = list(self.result_list)
        found = candidates_of(nodes=rows)
        for row in rows:
            row.candidates = found[row.pk]
        self.result_list = rows


@admin.register(QuarantinedNode)
class QuarantinedNodeAdmin(ReadOnlyAdmin[QuarantinedNode]):
    """All machines in quarantine, the one that waits longest first."""

    list_display = (
        *("machine", "code", "reason_cell", "place_cell", "switch_cell", "match_cell"),
        *("first_cell", "last_cell"),
    )
    list_filter = ("issue", "zone")
    search_fields = ("serial",)  # shows the box; `get_search_results` says what it does
    search_help_text = "UUID, serial, vendor, product or rack"
    ordering = ("first_seen", "id")
    actions = None
    empty_title = "Nobody waits for a decision"
    empty_advice = (
        "A machine comes here when it registers with the UUID of another, with one that many "
        "machines have, or with none. It gets no address and no credential until somebody says "
        "who it is."
    )

    def has_view_permission(self, request: HttpRequest, obj: QuarantinedNode | None = None) -> bool:
        """Return whether the operator sees nodes."""
        return request.user.has_perm(VIEW)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Return whether the operator sees nodes."""
        return request.user.has_perm(VIEW)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Return the class of the list."""
        return DeskList

    def get_queryset(self, request: HttpRequest) -> QuerySet[QuarantinedNode]:
        """Return the machines in quarantine, with what a row shows."""
        rows = QuarantinedNode.objects.filter(status=NodeStatus.QUARANTINED)
        return rows.select_related("zone").prefetch_related("links").defer("searched")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[QuarantinedNode], search_term: str
    ) -> tuple[QuerySet[QuarantinedNode], bool]:
        """Return the machines that the words fit."""
        return queryset.filter(matching(search_term)), False

    def get_urls(self) -> list[URLPattern]:
        """Add the decisions, and the door from the pages of nodes."""
        view = self.admin_site.admin_view
        return [
            path("open/", view(self.open_view), name="nodes_quarantinednode_open"),
            path(
                "<int:pk>/decide/<slug:choice>/",
                view(self.ask_view),
                name="nodes_quarantinednode_decide",
            ),
            *super().get_urls(),
        ]

    def open_view(self, request: HttpRequest) -> HttpResponse:
        """Lead on to the desk's page of `?node=`, or to the list for several."""
        keys = [key for key in request.GET.getlist("node") if key.isascii() and key.isdigit()]
        if len(keys) == 1:
            return HttpResponseRedirect(_page(int(keys[0][:18])))
        return HttpResponseRedirect(reverse("admin:nodes_quarantinednode_changelist"))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a machine beside the one that it may be; `?beside=` chooses another."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        key = object_id[:18]
        row = overview.with_parts(int(key)) if key.isascii() and key.isdigit() else None
        if row is None:
            raise Http404(f"There is no node {object_id[:40]}.")
        if row.status != NodeStatus.QUARANTINED:  # decided, maybe in another window
            return HttpResponseRedirect(reverse("admin:nodes_node_change", args=[row.pk]))
        candidates = candidates_of(nodes=[row])[row.pk]
        chosen = _chosen(row, candidates, request.GET.get("beside", ""))
        context = self._context(request, row, f"Who is {row}?") | {
            "tone": tone_of(row.status),
            "meaning": MEANINGS[NodeStatus.QUARANTINED],
            "candidates": candidates,
            "chosen": chosen,
            "may_decide": request.user.has_perm(CHANGE),
            "links": [link for link in row.links.all() if link.switch],
            **_beside(row, chosen),
        }
        return TemplateResponse(request, "nodes/admin/desk.html", context)

    def ask_view(self, request: HttpRequest, pk: int, choice: str) -> HttpResponse:
        """Ask whether that is meant (GET), or decide (POST)."""
        if not request.user.has_perm(CHANGE):
            raise PermissionDenied
        row = Node.objects.filter(pk=pk).first()
        if row is None or choice not in ASKED:
            raise Http404(f"There is no node {pk}, or nothing like {choice} can be decided.")
        if request.method == "POST":
            leads_to = _page(pk)
            with telling(request):
                decide(request, row, choice)
                leads_to = reverse("admin:nodes_quarantinednode_changelist")
            return HttpResponseRedirect(leads_to)
        question = ask(request, row, choice)
        context = self._context(request, row, question["title"]) | question
        return TemplateResponse(
            request, "nodes/admin/desk_ask.html", context | {"back": _page(row.pk)}
        )

    def _context(self, request: HttpRequest, row: Node, title: str) -> dict[str, Any]:
        page = {"opts": self.opts, "media": self.media, "title": title, "node": row}
        return {**self.admin_site.each_context(request), **page}

    @admin.display(description="machine", ordering="serial")
    def machine(self, row: QuarantinedNode) -> SafeString | str:
        """Return vendor, product and serial, which lead to the machine's page at the desk."""
        return cut(str(row), 48)

    @admin.display(description="code", ordering="issue")
    def code(self, row: QuarantinedNode) -> SafeString | str:
        """Return the code of what is wrong."""
        return issue_badge(row.issue)

    @admin.display(description="why")
    def reason_cell(self, row: QuarantinedNode) -> SafeString | str:
        """Return why it is in quarantine."""
        return cut(row.reason, 90)

    @admin.display(description="place", ordering="rack")
    def place_cell(self, row: QuarantinedNode) -> SafeString | str:
        """Return zone, rack and unit."""
        return cut(", ".join(filter(None, (row.place, str(row.zone or "")))), 32)

    @admin.display(description="switch port")
    def switch_cell(self, row: QuarantinedNode) -> SafeString | str:
        """Return where its first cable ends, as it was seen last."""
        seen = next((link for link in row.links.all() if link.switch), None)
        return cut(f"{seen.switch} {seen.port}", 32) if seen else NOTHING

    @admin.display(description="best match")
    def match_cell(self, row: QuarantinedNode) -> SafeString | str:
        """Return the node that it is most likely, with the score."""
        found: list[Candidate] = getattr(row, "candidates", [])
        if not found:
            return NOTHING
        return format_html(
            "{} {}", score_badge(found[0].verdict), cut(f"node {found[0].node.pk}", 20)
        )

    @admin.display(description="first seen", ordering="first_seen")
    def first_cell(self, row: QuarantinedNode) -> SafeString | str:
        """Return since when it is known."""
        return ago(row.first_seen)

    @admin.display(description="last seen", ordering="last_seen")
    def last_cell(self, row: QuarantinedNode) -> SafeString | str:
        """Return when it spoke last."""
        return ago(row.last_seen)


def _chosen(row: Node, candidates: list[Candidate], beside: str) -> Candidate | None:
    """Return the one that was asked for, else the one it clashes with, else the best."""
    wanted = [beside, str(row.clashes_with_id)]
    for key in wanted:
        for candidate in candidates:
            if str(candidate.node.pk) == key:
                return candidate
    return candidates[0] if candidates else None


def _beside(row: Node, chosen: Candidate | None) -> dict[str, Any]:
    theirs = overview.with_parts(chosen.node.pk) if chosen else None
    if theirs is None:
        return {"other": None, "differences": differences(row, row)}
    return {"other": theirs, "differences": differences(row, theirs)}


def _page(pk: int) -> str:
    return reverse("admin:nodes_quarantinednode_change", args=[pk])
