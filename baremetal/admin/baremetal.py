"""The pages on deployments: the list, and one page for each."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from baremetal import overview
from baremetal.admin.deploy import deploy_page
from baremetal.admin.filters import (
    IssueFilter,
    LateFilter,
    ProfileFilter,
    StateFilter,
    ZoneFilter,
)
from baremetal.admin.permissions import ADD, CHANGE, VIEW, require
from baremetal.admin.verb_page import verb_page
from baremetal.admin.verbs import VERBS, buttons_of, selected
from baremetal.labels import late_words, state_cell, step_words, tone_of, took_since
from baremetal.models import Baremetal
from baremetal.selectors import matching, with_names
from baremetal.states import MEANINGS, NOT_AT_REST, BaremetalState
from bearman.admin import ReadOnlyAdmin
from bearman.pages import code, cut, exact
from nodes.models import Node
from nodes.selectors import matching as matching_nodes


@admin.register(Baremetal)
class BaremetalAdmin(ReadOnlyAdmin[Baremetal]):
    """All deployments. Nobody edits one by hand: they are deployed, redeployed and released."""

    list_display = (
        *("hostname_cell", "node_cell", "profile_cell", "vlan_cell", "address_cell"),
        *("state_cell", "step_cell", "since_cell"),
    )
    list_filter = (StateFilter, IssueFilter, ProfileFilter, ZoneFilter, LateFilter)
    list_before_template = "baremetal/admin/list_before.html"
    search_fields = ("hostname",)  # shows the box; `get_search_results` says what it does
    search_help_text = "Host name, service IP, or UUID, serial, vendor, product of the node"
    ordering = ("-id",)
    empty_title = "Nothing is deployed yet"
    empty_template = "baremetal/admin/first_steps.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Baremetal]:
        """Return all deployments, history too: a filter leaves that out."""
        return with_names()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Baremetal], search_term: str
    ) -> tuple[QuerySet[Baremetal], bool]:
        """Return those that the words fit, by themselves or by their node."""
        if not search_term.split():
            return queryset, False
        nodes = Node.objects.filter(matching_nodes(search_term)).values("pk")
        return queryset.filter(matching(search_term) | Q(node__in=nodes)), False

    def get_urls(self) -> list[URLPattern]:
        """Add the dialogs."""
        view = self.admin_site.admin_view
        return [
            path("deploy/", view(self.deploy_view), name="baremetal_baremetal_deploy"),
            path("do/<slug:name>/", view(self.verb_view), name="baremetal_baremetal_do"),
            *super().get_urls(),
        ]

    def deploy_view(self, request: HttpRequest) -> HttpResponse:
        """Ask what to deploy on some nodes (GET), or deploy it (POST)."""
        return deploy_page(self, request)

    def verb_view(self, request: HttpRequest, name: str) -> HttpResponse:
        """Ask whether to do something with some deployments (GET), or do it (POST)."""
        return verb_page(self, request, name)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list under the number of deployments per state."""
        counts = overview.state_counts()
        states = [(s, count, tone_of(s), MEANINGS[s]) for s, count in counts.states.items()]
        more = {
            "state_counts": states,
            "late_count": counts.late,
            "may_deploy": request.user.has_perm(ADD),
        }
        return super().changelist_view(request, {**(extra_context or {}), **more})

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show one deployment; while it is under way the page looks again by itself."""
        require(request, VIEW)
        row = overview.with_everything(object_id)
        if row is None:
            messages.warning(request, f"There is no deployment {object_id[:20]}.")
            return HttpResponseRedirect(reverse("admin:baremetal_baremetal_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "title": row.hostname,
            **_page(request, row),
        }
        return TemplateResponse(request, "baremetal/admin/baremetal.html", context)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Return the verbs, for who may use them."""
        if not request.user.has_perm(CHANGE):
            return {}
        return {name: (selected(verb), name, f"{verb.label} …") for name, verb in VERBS.items()}

    @admin.display(description="host name", ordering="hostname")
    def hostname_cell(self, row: Baremetal) -> SafeString | str:
        """Return the host name, which leads to the page."""
        return row.hostname

    @admin.display(description="node", ordering="node")
    def node_cell(self, row: Baremetal) -> SafeString:
        """Return the machine, as a link to its page."""
        url = reverse("admin:nodes_node_change", args=[row.node_id])
        return format_html('<a class="bm-link" href="{}">{}</a>', url, cut(str(row.node), 48))

    @admin.display(description="profile", ordering="profile_name")
    def profile_cell(self, row: Baremetal) -> SafeString:
        """Return the profile with its version, and the image."""
        return format_html(
            '{} <span class="bm-soft">v{}</span><div class="bm-why">{}</div>',
            row.profile_name,
            row.profile_version,
            cut(row.image_label, 40),
        )

    @admin.display(description="VLAN", ordering="vlan_id")
    def vlan_cell(self, row: Baremetal) -> str:
        """Return the VLAN of the first address."""
        if row.service_address is None:
            return self.get_empty_value_display()
        return str(row.vlan_id) if row.vlan_id else "untagged"

    @admin.display(description="service IP", ordering="service_address")
    def address_cell(self, row: Baremetal) -> SafeString | str:
        """Return the first address."""
        return code(row.service_address)

    @admin.display(description="state", ordering="state")
    def state_cell(self, row: Baremetal) -> SafeString:
        """Return the state, what is late, and why it was given up."""
        return state_cell(row)

    @admin.display(description="step", ordering="step")
    def step_cell(self, row: Baremetal) -> SafeString | str:
        """Return what is waited for, and in which attempt."""
        if not row.step:
            return self.get_empty_value_display()
        again = f", attempt {row.attempt}" if row.attempt > 1 else ""
        return format_html('<span title="{}">{}{}</span>', step_words(row.step), row.step, again)

    @admin.display(description="for", ordering="state_since")
    def since_cell(self, row: Baremetal) -> SafeString:
        """Return how long it has been in its state."""
        since = took_since(row.state_since)
        return format_html('<span title="since {}">{}</span>', exact(row.state_since), since)


def _page(request: HttpRequest, row: Baremetal) -> dict[str, Any]:
    return {
        "row": row,
        "details": overview.deployment_details(row),
        "tone": tone_of(row.state),
        "meaning": MEANINGS[BaremetalState(row.state)],
        "waits_for": step_words(row.step) if row.state in NOT_AT_REST else "",
        "late": late_words(row),
        "at_rest": row.state not in NOT_AT_REST,
        "buttons": buttons_of(request, row),
        "may_deploy": row.state == BaremetalState.RELEASED and request.user.has_perm(ADD),
    }
