"""What PostgreSQL itself refuses, whoever writes."""

from typing import Any

import pytest
from django.db import DatabaseError, connection

from tests.ipman.conftest import MakePool

pytestmark = pytest.mark.django_db

GOOD: dict[str, Any] = {
    "name": "b",
    "zone": "z1",
    "purpose": "ipmi",
    "first": "10.9.0.1",
    "last": "10.9.0.200",
    "prefix_length": 24,
    "gateway": "10.9.0.254",
    "vlan_id": 7,
    "priority": 1,
    "enabled": True,
    "note": "",
    "fresh": "[]",
}


def insert(table: str, values: dict[str, Any]) -> None:
    columns = ", ".join(values)
    marks = ", ".join(["%s"] * len(values))
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", list(values.values()))


def test_a_good_pool_is_taken() -> None:
    insert("ipman_pool", GOOD)


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"first": "10.9.0.201"}, "ipman_pool_b_order"),
        ({"last": "10.9.1.1"}, "ipman_pool_b_network"),
        ({"last": "fd00::1"}, "ipman_pool_a_family"),
        ({"gateway": "fd00::1"}, "ipman_pool_a_family"),
        ({"gateway": "10.9.1.254"}, "ipman_pool_b_gateway"),
        ({"prefix_length": 33}, "ipman_pool_a_prefix"),
        ({"prefix_length": 0}, "ipman_pool_a_prefix"),
        ({"first": "10.9.0.1/24"}, "ipman_pool_a_single"),
        ({"purpose": "coffee"}, "ipman_pool_purpose"),
        ({"vlan_id": 4095}, "ipman_pool_vlan"),
        ({"vlan_id": 0}, "ipman_pool_vlan"),
        ({"alert_percent": 101}, "ipman_pool_alert_percent"),
        ({"first": "10.0.0.254", "prefix_length": 1}, "ipman_pool_overlap"),
        ({"name": "a"}, "ipman_pool_name_key"),
    ],
)
def test_a_pool_that_breaks_a_rule_is_refused(
    make_pool: MakePool, wrong: dict[str, Any], constraint: str
) -> None:
    make_pool()
    with pytest.raises(DatabaseError, match=constraint):
        insert("ipman_pool", {**GOOD, **wrong})


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"owner": "", "key": "k", "allocated_at": "now"}, "ipman_address_owned_or_not"),
        ({"owner": "o", "key": "", "allocated_at": "now"}, "ipman_address_owned_or_not"),
        ({"owner": "o", "key": "k"}, "ipman_address_owned_or_not"),
        ({"key": "k"}, "ipman_address_owned_or_not"),
        ({"address": "10.0.0.1/24"}, "ipman_address_single"),
        ({"address": "10.0.0.2"}, "ipman_address_pkey"),
        ({"owner": "node:1", "key": "ipmi", "allocated_at": "now"}, "ipman_address_owner_key"),
    ],
)
def test_an_address_that_breaks_a_rule_is_refused(
    make_pool: MakePool, wrong: dict[str, Any], constraint: str
) -> None:
    pool = make_pool()
    taken = {"owner": "node:1", "key": "ipmi", "allocated_at": "now"}
    insert("ipman_address", {"pool_id": pool.pk, "address": "10.0.0.2", **taken})
    with pytest.raises(DatabaseError, match=constraint):
        insert("ipman_address", {"pool_id": pool.pk, "address": "10.0.0.1", **wrong})


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"first": "10.0.0.3"}, "ipman_reservedrange_order"),
        ({"first": "fd00::1"}, "ipman_reservedrange_family"),
        ({"first": "10.0.0.1/24"}, "ipman_reservedrange_single"),
    ],
)
def test_a_reserved_range_that_breaks_a_rule_is_refused(
    make_pool: MakePool, wrong: dict[str, Any], constraint: str
) -> None:
    good = {"pool_id": make_pool().pk, "first": "10.0.0.1", "last": "10.0.0.2", "note": ""}
    with pytest.raises(DatabaseError, match=constraint):
        insert("ipman_reservedrange", {**good, **wrong})
