"""Pages of tables that grow large: no count of a whole table, no slow last page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.paginator import Page, Paginator
from django.db import connections
from django.db.models import QuerySet
from django.utils.functional import cached_property

MOST = 10_000  # rows counted one by one; above it "at least" is all that a person needs

# What the planner does: rows per page of the last ANALYZE, times the pages there are now.
_ESTIMATE = """
SELECT CASE WHEN relpages > 0 THEN
    reltuples / relpages * (pg_relation_size(oid) / current_setting('block_size')::int)
ELSE 0 END FROM pg_class WHERE oid = %s::regclass
"""


if TYPE_CHECKING:
    AnyPaginator = Paginator[Any]
else:
    AnyPaginator = Paginator


class BoundedPaginator(AnyPaginator):
    """Looks up the keys of a filtered list once, up to MOST, and estimates a whole large table.

    Rows are fetched by the keys of their page: an index has those without the rows before them.
    """

    template_name = "bearman/pagination.html"
    object_list: QuerySet[Any]

    @cached_property
    def count(self) -> int:
        """Return the number of rows: exact below MOST, an estimate above it, MOST if filtered."""
        return self._estimate or len(self._first_keys)

    @property
    def count_words(self) -> str:
        """Return the count as a person reads it, honest about what is not exact."""
        if self._estimate:
            return f"about {self._estimate:,}"
        return f"{self.count:,}" if self.count < MOST else f"at least {MOST:,}"

    def page(self, number: int | str) -> Page[Any]:
        """Return a page."""
        number = self.validate_number(number)
        span = slice((number - 1) * self.per_page, number * self.per_page)
        keys = list(self._keys[span]) if self._estimate else self._first_keys[span]
        return Page(self.object_list.filter(pk__in=keys), number, self)

    @property
    def _keys(self) -> QuerySet[Any, Any]:
        return self.object_list.values_list("pk", flat=True)

    @cached_property
    def _first_keys(self) -> list[Any]:
        return list(self._keys[:MOST])

    @cached_property
    def _estimate(self) -> int:
        """Return how many rows a large table has, more or less; 0 for a small or filtered one."""
        if self.object_list.query.has_filters():
            return 0
        connection = connections[self.object_list.db]
        with connection.cursor() as cursor:
            table = connection.ops.quote_name(self.object_list.model._meta.db_table)
            cursor.execute(_ESTIMATE, [table])
            rows = int(cursor.fetchone()[0])
        return rows if rows > MOST else 0
