"""The pages on addresses."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from bearman.admin import ReadOnlyAdmin
from bearman.pages import NOTHING, ago, code, cut
from ipman.admin.allocate import allocate_page
from ipman.admin.cells import state_badge
from ipman.admin.release import release_page, release_shown
from ipman.models import Address
from ipman.selectors import addresses_matching

MOST_AT_ONCE = 500  # addresses that one action takes, so that it ends before the browser gives up


class StateFilter(admin.SimpleListFilter):
    """Whether somebody has it."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices."""
        return [("in_use", "In use"), ("resting", "Resting"), ("free", "Free")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Address]) -> QuerySet[Address]:
        """Narrow the list."""
        states = {choice for choice, _ in self.lookup_choices}
        return getattr(queryset, self.value() or "")() if self.value() in states else queryset


@admin.register(Address)
class AddressAdmin(ReadOnlyAdmin[Address]):
    """Addresses that somebody has or had, or that lie ready; all changes go through services."""

    list_display = (
        *("address_cell", "state_cell", "owner_cell", "key", "pool_link"),
        *("since_cell", "changed_by"),
    )
    list_display_links = ("address_cell",)
    list_filter = (StateFilter, "pool")
    list_select_related = ("pool",)
    search_fields = ("address",)  # shows the box; `get_search_results` says what it does
    search_help_text = "Address, network or owner"
    ordering = ("address",)
    actions = ("release_selected",)
    fields = (
        *("address", "pool_link", "state_cell", "owner", "key", "allocated_at"),
        *("last_owner", "released_at", "available_at", "changed_by"),
    )
    empty_title = "No addresses yet"
    empty_advice = "They appear here once a pool hands out its first one."

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Tell whether the user may give somebody an address."""
        return request.user.has_perm("ipman.allocate_address")

    def has_release_permission(self, request: HttpRequest) -> bool:
        """Tell whether the user may take addresses back."""
        return request.user.has_perm("ipman.release_address")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Address], search_term: str
    ) -> tuple[QuerySet[Address], bool]:
        """Return the addresses that the words fit."""
        found = queryset.filter(addresses_matching(search_term)) if search_term else queryset
        return found, False

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Give somebody an address; unlike Django's own page, outside of a transaction."""
        return allocate_page(self, request)

    @admin.action(description="Release", permissions=["release"])
    def release_selected(
        self, request: HttpRequest, queryset: QuerySet[Address]
    ) -> HttpResponse | None:
        """Take addresses back, after a page that asks."""
        if "shown" in request.POST:
            release_shown(self, request)
            return None
        rows = list(queryset.filter(owner__isnull=False)[: MOST_AT_ONCE + 1])
        if not rows:
            messages.warning(request, "None of these addresses is in use.")
            return None
        if len(rows) > MOST_AT_ONCE:
            messages.error(request, f"Select at most {MOST_AT_ONCE} addresses at once.")
            return None
        return release_page(self, request, rows)

    @admin.display(description="address", ordering="address")
    def address_cell(self, address: Address) -> SafeString | str:
        """Return the address, which leads to its page."""
        return code(address.address)

    @admin.display(description="state")
    def state_cell(self, address: Address) -> SafeString:
        """Return whether somebody has it."""
        return state_badge(address)

    @admin.display(description="owner", ordering="owner")
    def owner_cell(self, address: Address) -> SafeString | str:
        """Return whose it is, or whose it was."""
        if address.owner is None and address.last_owner:
            return format_html("was {}", cut(address.last_owner, 40))
        return cut(address.owner or "", 40)

    @admin.display(description="pool", ordering="pool__name")
    def pool_link(self, address: Address) -> SafeString:
        """Return the pool, as a link to its page."""
        url = reverse("admin:ipman_pool_change", args=[address.pool_id])
        return format_html('<a class="bm-link" href="{}">{}</a>', url, address.pool.name)

    @admin.display(description="since")
    def since_cell(self, address: Address) -> SafeString | str:
        """Return since when it is in use, or from when on it is free."""
        if address.state == "resting":
            return format_html("free {}", ago(address.available_at))
        return ago(address.allocated_at) if address.owner is not None else NOTHING
