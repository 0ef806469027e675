"""The pages on availability zones."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from bearman.admin import BearmanAdmin
from nodes.models import AvailabilityZone
from nodes.services.zones import zone_delete, zone_save
from nodes.validators import validate_network


@admin.register(AvailabilityZone)
class AvailabilityZoneAdmin(BearmanAdmin[AvailabilityZone]):
    """Zones, and the networks from which their machines boot."""

    list_display = ("name", "description", "network_list")
    search_fields = ("name", "description")
    fields = ("name", "description", "networks")
    empty_title = "No availability zone yet"
    empty_advice = (
        "A machine needs a zone before it can register: add one, with the networks from which its "
        "machines boot, and then a pool of IPMI addresses for it."
    )

    def get_readonly_fields(
        self, request: HttpRequest, obj: AvailabilityZone | None = None
    ) -> tuple[str, ...]:
        """Return the name, once it is given: IPman's pools refer to it."""
        return ("name",) if obj else ()

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Let the form itself check networks: the sentence of the model's check gets lost."""
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and db_field.name == "networks":
            field.base_field.validators.append(validate_network)
        return field

    def save_model(
        self,
        request: HttpRequest,
        obj: AvailabilityZone,
        form: ModelForm[AvailabilityZone],
        change: bool,
    ) -> None:
        """Write the zone."""
        zone_save(zone=obj)

    def delete_model(self, request: HttpRequest, obj: AvailabilityZone) -> None:
        """Delete the zone, unless it has nodes."""
        zone_delete(zone=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[AvailabilityZone]) -> None:
        """Delete several."""
        for zone in queryset:
            zone_delete(zone=zone)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Name the zones only: the service looks after their nodes, which may be thousands."""
        return self.named_only(objs)

    @admin.display(description="networks")
    def network_list(self, zone: AvailabilityZone) -> str:
        """Return the networks on one line."""
        return ", ".join(zone.networks) or "all the rest"
