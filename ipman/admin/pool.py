"""The pages on pools."""

from __future__ import annotations

from math import log2
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from bearman.admin import BearmanAdmin, each
from bearman.lib.addresses import address_or_none
from bearman.pages import code
from ipman.admin.cells import use_badge, use_bar
from ipman.models import Pool, ReservedRange
from ipman.selectors import pool_usage, pools_with_counts
from ipman.services import (
    pool_delete,
    pool_save,
    reserved_range_delete,
    reserved_range_save,
)

if TYPE_CHECKING:
    TabularInline = admin.TabularInline[ReservedRange, Pool]
else:
    from unfold.admin import TabularInline


class ReservedRangeInline(TabularInline):
    """The ranges reserved in a pool, on the pool's page."""

    model = ReservedRange
    extra = 0
    fields = ("first", "last", "note")


@admin.register(Pool)
class PoolAdmin(BearmanAdmin[Pool]):
    """Pools with their use."""

    list_display = (
        *("name", "range_cell", "zone", "purpose", "vlan_id", "priority"),
        *("use_cell", "free_cell", "status_cell"),
    )
    list_filter = ("zone", "purpose", "enabled")
    search_fields = ("name", "zone", "note")
    search_help_text = "Name, zone, note, or an address in it"
    ordering = ("name",)
    readonly_fields = ("use_words", "addresses_link")
    fieldsets = (
        (None, {"fields": (("name", "enabled"), ("zone", "purpose"))}),
        (
            "Network",
            {"fields": (("first", "last"), ("prefix_length", "gateway"), ("vlan_id", "note"))},
        ),
        ("Rules", {"fields": ("priority", ("rest_seconds", "alert_percent"))}),
    )
    inlines = (ReservedRangeInline,)
    empty_title = "No pool yet"
    empty_advice = (
        "A pool is a range of addresses that IPman may hand out. Machines need one for IPMI in "
        "their availability zone before they can register."
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Pool]:
        """Return all pools with the counts of their addresses."""
        return pools_with_counts()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Pool], search_term: str
    ) -> tuple[QuerySet[Pool], bool]:
        """Return the pools that the words fit, or the one with that address."""
        if address := address_or_none(search_term):
            return queryset.filter(first__lte=address, last__gte=address), False
        return super().get_search_results(request, queryset, search_term)

    def get_fieldsets(self, request: HttpRequest, obj: Pool | None = None) -> Any:
        """Return the fields; a pool that exists also shows its use."""
        if obj is None:
            return self.fieldsets
        use = ("Now", {"fields": (("use_words", "addresses_link"),)})
        return (use, *self.fieldsets)

    def save_model(
        self, request: HttpRequest, obj: Pool, form: ModelForm[Pool], change: bool
    ) -> None:
        """Write the pool."""
        pool_save(pool=obj)

    def save_formset(
        self,
        request: HttpRequest,
        form: ModelForm[Pool],
        formset: BaseInlineFormSet[ReservedRange, Pool, ModelForm[ReservedRange]],
        change: bool,
    ) -> None:
        """Write what changed in the reserved ranges; first what goes, to make room."""
        changed = formset.save(commit=False)
        for reserved in formset.deleted_objects:
            reserved_range_delete(reserved=reserved)
        for reserved in changed:
            reserved_range_save(reserved=reserved)

    def delete_model(self, request: HttpRequest, obj: Pool) -> None:
        """Delete a pool of which nothing is in use."""
        pool_delete(pool=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Pool]) -> None:
        """Delete several, and say which of them could not be."""
        each(request, list(queryset), lambda pool: pool_delete(pool=pool))

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Name the pools only: the service looks after their addresses, which may be many."""
        return self.named_only(objs)

    @admin.display(description="range", ordering="first")
    def range_cell(self, pool: Pool) -> SafeString:
        """Return first and last address with the prefix length."""
        return format_html("{} to {}", code(pool.first), code(f"{pool.last}/{pool.prefix_length}"))

    @admin.display(description="use")
    def use_cell(self, pool: Pool) -> SafeString:
        """Return the use as a bar."""
        return use_bar(pool_usage(pool))

    @admin.display(description="free")
    def free_cell(self, pool: Pool) -> str:
        """Return how many addresses are left."""
        return _amount(pool_usage(pool).free)

    @admin.display(description="state")
    def status_cell(self, pool: Pool) -> SafeString:
        """Return whether there is something to do about it."""
        return use_badge(pool_usage(pool))

    @admin.display(description="use")
    def use_words(self, pool: Pool) -> SafeString:
        """Return the use in full."""
        usage = pool_usage(pool)
        return format_html(
            "{}: {} in use, {} resting, {} free of {}",
            use_bar(usage),
            f"{usage.used:,}",
            f"{usage.resting:,}",
            _amount(usage.free),
            _amount(usage.capacity),
        )

    @admin.display(description="addresses")
    def addresses_link(self, pool: Pool) -> SafeString | str:
        """Return a link to the pool's addresses."""
        url = reverse("admin:ipman_address_changelist")
        return format_html(
            '<a class="bm-link" href="{}?pool__id__exact={}">List them</a>', url, pool.pk
        )


def _amount(number: int) -> str:
    """Return a number for people; beyond a million million as a power of two."""
    return f"{number:,}" if number < 10**12 else f"about 2^{log2(number):.0f}"
