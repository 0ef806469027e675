"""Filters of the list of nodes."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from bearman.pages import issue_title
from nodes.issues import has_issue, node_counts
from nodes.models import Node
from nodes.order import Natural
from nodes.power import BREAKER_OPENS_AFTER

_DAY = timedelta(days=1)
MOST_CODE = 12  # characters of a code
MOST_RACKS = 200  # offered as choices; the search box finds any


class LastSeenFilter(admin.SimpleListFilter):
    """When a node was heard of last."""

    title = "last seen"
    parameter_name = "seen"
    _SINCE = {"hour": timedelta(hours=1), "day": _DAY, "week": 7 * _DAY}
    _NOT_SINCE = {"week-ago": 7 * _DAY, "month-ago": 30 * _DAY}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices."""
        return [
            ("hour", "Within the hour"),
            ("day", "Within a day"),
            ("week", "Within a week"),
            ("week-ago", "Not for a week"),
            ("month-ago", "Not for 30 days"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Node]) -> QuerySet[Node]:
        """Narrow the list."""
        now, choice = timezone.now(), self.value() or ""
        if choice in self._SINCE:
            return queryset.filter(last_seen__gte=now - self._SINCE[choice])
        if choice in self._NOT_SINCE:
            return queryset.filter(last_seen__lt=now - self._NOT_SINCE[choice])
        return queryset


class PowerFilter(admin.SimpleListFilter):
    """The power state that was read last."""

    title = "power"
    parameter_name = "power"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices."""
        return [("on", "On"), ("off", "Off"), ("unread", "Never read")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Node]) -> QuerySet[Node]:
        """Narrow the list."""
        choice = self.value() or ""
        if choice in ("on", "off"):
            return queryset.filter(bmc__power=choice)
        return queryset.filter(bmc__power="") if choice == "unread" else queryset


class BreakerFilter(admin.SimpleListFilter):
    """Whether the BMC answers: the state of its circuit breaker."""

    title = "BMC"
    parameter_name = "bmc"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices."""
        return [
            ("silent", f"Silent {BREAKER_OPENS_AFTER} times or more"),
            ("failing", "Failed when it was asked last"),
            ("answers", "Answered when it was asked last"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Node]) -> QuerySet[Node]:
        """Narrow the list."""
        conditions = {
            "silent": {"bmc__failures__gte": BREAKER_OPENS_AFTER},
            "failing": {"bmc__failures__gt": 0},
            "answers": {"bmc__failures": 0},
        }
        return queryset.filter(**conditions.get(self.value() or "", {}))


class IssueFilter(admin.SimpleListFilter):
    """What a node failed, or what its last checks found, by the code in the issue catalogue."""

    title = "issue"
    parameter_name = "issue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the codes that some node has now, and the one that was asked for."""
        codes = {*node_counts(), str(request.GET.get(self.parameter_name, ""))[:MOST_CODE]} - {""}
        return [(code, f"{code} {issue_title(code)}".strip()) for code in sorted(codes)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Node]) -> QuerySet[Node]:
        """Narrow the list."""
        return queryset.filter(has_issue(self.value() or "")) if self.value() else queryset


class RackFilter(admin.SimpleListFilter):
    """The rack that a node stands in."""

    title = "rack"
    parameter_name = "rack"
    _NOWHERE = "-"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the racks that there are, and that nobody has said."""
        named = model_admin.model.objects.exclude(rack="").values_list("rack", flat=True)
        racks = named.order_by(Natural("rack"), "rack").distinct()[:MOST_RACKS]
        return [*((rack, rack) for rack in racks), (self._NOWHERE, "Not known")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Node]) -> QuerySet[Node]:
        """Narrow the list."""
        choice = self.value() or ""
        if choice == self._NOWHERE:
            return queryset.filter(rack="")
        return queryset.filter(rack=choice) if choice else queryset
