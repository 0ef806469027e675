"""Filters of the list of expected machines."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from nodes.arrivals import WORDS, Arrived, condition
from nodes.models import ExpectedMachine


class ArrivedFilter(admin.SimpleListFilter):
    """What has become of it; without a choice, those that have not shown up."""

    title = "arrival"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices."""
        return [(state.value, WORDS[state][0]) for state in Arrived]

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Yield the choices, without one for no choice."""
        for state, title in self.lookup_choices:
            yield {
                "selected": self.state == state,
                "query_string": changelist.get_query_string({self.parameter_name: state}),
                "display": title,
            }

    @property
    def state(self) -> Arrived:
        """Return the choice."""
        known = {state.value for state in Arrived}
        value = self.value() or ""
        return Arrived(value) if value in known else Arrived.MISSING

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[ExpectedMachine]
    ) -> QuerySet[ExpectedMachine]:
        """Narrow the list."""
        return queryset.filter(condition(self.state))
