"""The pages on flavors."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from bearman.admin import BearmanAdmin
from bearman.pages import NOTHING
from profiles.models import Flavor
from profiles.services import flavor_delete, flavor_save

UNITS = (
    ("min_memory_gib", "GiB of memory"),
    ("min_cpu_cores", "CPU cores"),
    ("min_disks", "disks"),
    ("min_disk_gb", "GB of disk space"),
    ("min_interfaces", "interfaces"),
)


@admin.register(Flavor)
class FlavorAdmin(BearmanAdmin[Flavor]):
    """Kinds of machines: how they are known, what they get, and what they must have."""

    list_display = (
        *("name", "vendor_pattern", "product_pattern", "default_profile_cell"),
        *("demands", "notes_short"),
    )
    list_select_related = ("default_profile",)
    search_fields = ("name", "vendor_pattern", "product_pattern")
    fieldsets = (
        (None, {"fields": ("name", "vendor_pattern", "product_pattern", "notes")}),
        ("What it gets", {"fields": ("default_profile",)}),
        (
            "What it must have",
            {
                "fields": tuple(name for name, _ in UNITS),
                "description": "Looked at when a machine registers and before a deployment. "
                "0 is no requirement.",
            },
        ),
        (
            "Network and disk of its deployments",
            {"fields": ("bond_interfaces", "bond_mode", "disk")},
        ),
    )
    empty_title = "No flavors yet"
    empty_advice = (
        "A flavor is a kind of machine. A machine that registers gets the first flavor whose "
        "patterns match its vendor and product name."
    )

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the plain choice of a profile, which has a page of its own."""
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and db_field.name == "default_profile":
            for link in ("add", "change", "delete", "view"):
                setattr(field.widget, f"can_{link}_related", False)
        if field and db_field.name == "notes":
            field.widget.attrs["rows"] = 3
        return field

    def save_model(
        self, request: HttpRequest, obj: Flavor, form: ModelForm[Flavor], change: bool
    ) -> None:
        """Write the flavor."""
        flavor_save(flavor=obj)

    def delete_model(self, request: HttpRequest, obj: Flavor) -> None:
        """Delete the flavor, unless nodes have it."""
        flavor_delete(flavor=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Flavor]) -> None:
        """Delete several."""
        for flavor in queryset:
            flavor_delete(flavor=flavor)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Name the flavors only: the service looks after their nodes, which may be thousands."""
        return self.named_only(objs)

    @admin.display(description="default profile", ordering="default_profile__name")
    def default_profile_cell(self, flavor: Flavor) -> SafeString | str:
        """Return the profile that its machines get, and the way to its page."""
        if flavor.default_profile is None:
            return NOTHING
        url = reverse("admin:profiles_profile_change", args=[flavor.default_profile_id])
        return format_html('<a class="bm-link" href="{}">{}</a>', url, flavor.default_profile)

    @admin.display(description="must have")
    def demands(self, flavor: Flavor) -> str:
        """Return what its machines must have, on one line."""
        found = ((getattr(flavor, name), unit) for name, unit in UNITS)
        return ", ".join(f"{least} {unit}" for least, unit in found if least) or NOTHING

    @admin.display(description="notes")
    def notes_short(self, flavor: Flavor) -> str:
        """Return the start of the notes."""
        return flavor.notes[:80]
