"""Pages of large tables: what is counted, what is estimated, and that no row is lost between."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bearman.admin import pagination
from bearman.admin.pagination import BoundedPaginator
from nodes.models import AvailabilityZone


@pytest.fixture
def thirty(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thirty zones, in a world in which ten rows are many."""
    monkeypatch.setattr(pagination, "MOST", 10)
    AvailabilityZone.objects.bulk_create(
        AvailabilityZone(name=f"az{n:02d}", description="hall" if n % 2 else "yard")
        for n in range(30)
    )


def test_a_large_table_is_estimated_without_a_count(thirty: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE nodes_availabilityzone")
    pages = BoundedPaginator(AvailabilityZone.objects.order_by("name"), 7)
    with CaptureQueriesContext(connection) as captured:
        assert pages.count == 30
    assert pages.count_words == "about 30"
    assert len(captured) == 1
    assert "pg_class" in captured[0]["sql"]


def test_each_row_of_a_large_table_is_on_exactly_one_page(thirty: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE nodes_availabilityzone")
    pages = BoundedPaginator(AvailabilityZone.objects.order_by("-name"), 7)
    names = [zone.name for page in pages for zone in page]
    assert names == [f"az{n:02d}" for n in reversed(range(30))]


def test_a_filtered_list_is_counted_up_to_the_limit(thirty: None) -> None:
    rows = AvailabilityZone.objects.filter(description="hall").order_by("name")
    pages = BoundedPaginator(rows, 7)
    assert (pages.count, pages.count_words, pages.num_pages) == (10, "at least 10", 2)
    assert [zone.name for zone in pages.page(2)] == ["az15", "az17", "az19"]


def test_a_filtered_list_is_searched_once_for_count_and_page(thirty: None) -> None:
    rows = AvailabilityZone.objects.filter(name__contains="az0", description="hall")
    pages = BoundedPaginator(rows.order_by("name"), 3)
    with CaptureQueriesContext(connection) as captured:
        assert (pages.count, pages.count_words) == (5, "5")
        assert [zone.name for zone in pages.page(2)] == ["az07", "az09"]
    assert len(captured) == 2


def test_a_table_that_was_never_analysed_is_still_listed(thirty: None) -> None:
    pages = BoundedPaginator(AvailabilityZone.objects.order_by("name"), 7)
    assert pages.count >= 10
    assert len(list(pages.page(1))) == 7


def test_an_empty_list_has_one_empty_page(db: None) -> None:
    pages = BoundedPaginator(AvailabilityZone.objects.order_by("name"), 7)
    assert (pages.count, pages.num_pages, list(pages.page(1))) == (0, 1, [])
