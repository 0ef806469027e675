"""Filters of the list of deployments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from baremetal.models import Baremetal
from baremetal.overview import issue_counts, late
from baremetal.states import BaremetalState
from bearman.pages import issue_title
from nodes.models import AvailabilityZone
from profiles.models import Profile

if TYPE_CHECKING:
    from django.contrib.admin.filters import _ListFilterChoices

ALL = "all"
MOST_CODE = 12  # characters of a code


class StateFilter(admin.SimpleListFilter):
    """The state; without a choice all but history."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices."""
        return [
            *((state.value, state.value) for state in BaremetalState),
            (ALL, "All, and history"),
        ]

    def choices(self, changelist: ChangeList) -> Iterator[_ListFilterChoices]:
        """Return the choices; the first one says what it leaves out."""
        first, *others = super().choices(changelist)
        first["display"] = "All but RELEASED"
        yield first
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[Baremetal]) -> QuerySet[Baremetal]:
        """Narrow the list."""
        choice = self.value() or ""
        if choice == ALL:
            return queryset
        if choice in set(BaremetalState):
            return queryset.filter(state=choice)
        return queryset.exclude(state=BaremetalState.RELEASED)


class IssueFilter(admin.SimpleListFilter):
    """What failed, by the code in the issue catalogue."""

    title = "issue"
    parameter_name = "issue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the codes that some deployment has now, and the one that was asked for."""
        codes = {*issue_counts(), str(request.GET.get(self.parameter_name, ""))[:MOST_CODE]} - {""}
        return [(code, f"{code} {issue_title(code)}".strip()) for code in sorted(codes)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Baremetal]) -> QuerySet[Baremetal]:
        """Narrow the list."""
        return queryset.filter(issue=self.value()) if self.value() else queryset


class LateFilter(admin.SimpleListFilter):
    """What is past its deadline, or restarted and did not call back."""

    title = "late"
    parameter_name = "late"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices."""
        return [("yes", "Late"), ("no", "In time")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Baremetal]) -> QuerySet[Baremetal]:
        """Narrow the list."""
        condition = late(timezone.now())
        match self.value():
            case "yes":
                return queryset.filter(condition)
            case "no":
                return queryset.exclude(pk__in=Baremetal.objects.filter(condition).values("pk"))
        return queryset


class ProfileFilter(admin.SimpleListFilter):
    """The profile, by the name that it had."""

    title = "profile"
    parameter_name = "profile"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices."""
        return [(name, name) for name in Profile.objects.values_list("name", flat=True)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Baremetal]) -> QuerySet[Baremetal]:
        """Narrow the list."""
        return queryset.filter(profile_name=self.value()) if self.value() else queryset


class ZoneFilter(admin.SimpleListFilter):
    """The zone of the node."""

    title = "zone"
    parameter_name = "zone"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices."""
        names = AvailabilityZone.objects.order_by("name").values_list("name", flat=True)
        return [(name, name) for name in names]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Baremetal]) -> QuerySet[Baremetal]:
        """Narrow the list."""
        return queryset.filter(node__zone__name=self.value()) if self.value() else queryset
