"""Warnings before a pool runs dry."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from ipman.models import Pool
from ipman.services import address_allocate, address_release, pool_save
from ipman.services.alerts import pool_alerts_raise
from ipman.tasks import watch_pools
from tests.ipman.conftest import MakePool
from tests.ipman.helpers import in_threads

pytestmark = pytest.mark.django_db


def allocate(*owners: int) -> None:
    for owner in owners:
        address_allocate(zone="z1", purpose="ipmi", owner=f"node:{owner}")


def warnings() -> list[tuple[str, Any]]:
    """Look at the pools, and return what was said of which."""
    with capture_logs() as logs:
        pool_alerts_raise()
    return [(entry["event"], entry["pool"]) for entry in logs]


def test_each_crossing_is_told_once_and_again_after_it_was_mended(make_pool: MakePool) -> None:
    make_pool(last="10.0.0.5", alert_percent=80, rest_seconds=0)
    allocate(1, 2, 3)
    assert warnings() == []
    allocate(4)
    assert warnings() == [("pool nearly full", "a")]
    assert warnings() == []
    allocate(5)
    assert warnings() == [("pool exhausted", "a")]
    assert warnings() == []
    address_release(owner="node:5")
    assert warnings() == []
    allocate(5)
    assert warnings() == [("pool exhausted", "a")]
    for owner in (3, 4, 5):
        address_release(owner=f"node:{owner}")
    assert warnings() == []
    allocate(3, 4)
    assert warnings() == [("pool nearly full", "a")]


def test_addresses_that_rest_cannot_be_handed_out_either(make_pool: MakePool) -> None:
    make_pool(last="10.0.0.2", alert_percent=50)
    allocate(1)
    address_release(owner="node:1")
    assert warnings() == [("pool nearly full", "a")]


def test_a_warning_says_all_that_somebody_needs_to_act(make_pool: MakePool) -> None:
    make_pool(last="10.0.0.4", alert_percent=50)
    allocate(1, 2, 3)
    with capture_logs() as logs:
        watch_pools.func(timestamp=0)
    (entry,) = logs
    assert entry["log_level"] == "warning"
    assert (entry["zone"], entry["purpose"], entry["percent"]) == ("z1", "ipmi", 75)
    assert (entry["used"], entry["free"], entry["threshold"]) == (3, 1, 50)
    assert "widen the pool" in entry["advice"]


def test_a_pool_that_is_off_is_silent(make_pool: MakePool) -> None:
    pool = make_pool(last="10.0.0.1")
    allocate(1)
    pool.enabled = False
    pool_save(pool=pool)
    assert warnings() == []


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_tell_it_once(make_pool: MakePool) -> None:
    make_pool(last="10.0.0.1")
    allocate(1)
    with capture_logs() as logs:
        assert in_threads([pool_alerts_raise] * 8) == [None] * 8
    assert sorted(entry["event"] for entry in logs) == ["pool exhausted", "pool nearly full"]
    assert Pool.objects.get().alerted_at is not None
