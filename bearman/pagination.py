"""Pages of tables that grow large: no count of a whole table, no slow last page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.paginator import Page, Paginator
from django.db import connections
from django.db.models import QuerySet
from django.utils.functional import cached_property

MOST = 10_000  # rows counted one by one; above it "more than" is all that a person needs
DEEP = 1_000  # rows passed over, from where on it pays to look up the keys of a page first

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
    """Counts at most MOST rows of a filtered list, and estimates a whole large table."""

    template_name = "bearman/pagination.html"
    object_list: QuerySet[Any]

    @cached_property
    def count(self) -> int:
        """Return the number of rows, from MOST on an estimate (whole table) or MOST (filtered)."""
        rows = self.object_list.order_by()
        estimate = 0 if rows.query.has_filters() else self._estimate(rows)
        return estimate if estimate > MOST else rows.values("pk")[:MOST].count()

    @property
    def count_words(self) -> str:
        """Return the count as a person reads it, honest about what is not exact."""
        if self.count < MOST:
            return f"{self.count:,}"
        if self.count == MOST:
            return f"at least {MOST:,}"
        return f"about {self.count:,}"

    def page(self, number: int | str) -> Page[Any]:
        """Return a page; far into the table by its keys, which an index has without the rows."""
        page = super().page(number)
        start = (page.number - 1) * self.per_page
        if start < DEEP:
            return page
        keys = list(self.object_list.values_list("pk", flat=True)[start : start + self.per_page])
        page.object_list = self.object_list.filter(pk__in=keys)
        return page

    @staticmethod
    def _estimate(rows: QuerySet[Any]) -> int:
        connection = connections[rows.db]
        with connection.cursor() as cursor:
            cursor.execute(_ESTIMATE, [connection.ops.quote_name(rows.model._meta.db_table)])
            return int(cursor.fetchone()[0])
