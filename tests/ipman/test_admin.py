"""The Admin's pages on pools and addresses."""

import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ipman.models import Address, Pool, ReservedRange
from ipman.services import address_allocate, address_release, reserved_range_save
from tests.ipman.conftest import MakePool
from tests.ipman.helpers import assert_books_balance

pytestmark = pytest.mark.django_db

POOLS = "admin:ipman_pool_changelist"
ADDRESSES = "admin:ipman_address_changelist"
FORM = {
    "name": "a",
    "zone": "z1",
    "purpose": "ipmi",
    "first": "10.0.0.1",
    "last": "10.0.0.254",
    "prefix_length": "24",
    "priority": "100",
    "enabled": "on",
    "reserved_ranges-TOTAL_FORMS": "0",
    "reserved_ranges-INITIAL_FORMS": "0",
}


def reserved_form(*ranges: tuple[str, str]) -> dict[str, str]:
    form = {**FORM, "reserved_ranges-TOTAL_FORMS": str(len(ranges))}
    for number, (first, last) in enumerate(ranges):
        form |= {f"reserved_ranges-{number}-first": first, f"reserved_ranges-{number}-last": last}
    return form


def body(answer: Any) -> str:
    text: str = answer.content.decode()
    return text


def allocate(owner: str, pool: str = "") -> str:
    return address_allocate(zone="z1", purpose="ipmi", owner=owner, pool=pool).address


def client_with(*codenames: str) -> Client:
    user = User.objects.create_user("staff", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(user)
    return client


def test_a_list_without_pools_says_what_a_pool_is_for(admin_client: Client) -> None:
    assert "A pool is a range of addresses" in body(admin_client.get(reverse(POOLS)))


def test_the_list_shows_ranges_and_use(admin_client: Client, make_pool: MakePool) -> None:
    make_pool(last="10.0.0.4", vlan_id=321, alert_percent=50)
    make_pool(name="six", first="fd00::", last="fd00::ffff:ffff:ffff:ffff", prefix_length=64)
    for number in range(3):
        allocate(f"node:{number}", "a")
    page = body(admin_client.get(reverse(POOLS)))
    assert "10.0.0.4/24" in page
    assert "321" in page
    assert 'value="75"' in page
    assert "3 in use, 0 resting, 1 free" in page
    assert "nearly full" in page
    assert "about 2^64" in page


def test_the_list_takes_as_many_queries_for_many_pools_as_for_one(
    admin_client: Client, make_pool: MakePool
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            admin_client.get(reverse(POOLS))
        return len(captured)

    make_pool()
    queries()
    one = queries()
    for number in range(1, 20):
        pool = make_pool(name=f"p{number}", first=f"10.{number}.0.1", last=f"10.{number}.0.9")
        reserved = ReservedRange(pool=pool, first=pool.first, last=pool.first)
        reserved_range_save(reserved=reserved)
    assert queries() == one


def test_a_pool_is_added_with_its_reserved_ranges_and_who_did_it(admin_client: Client) -> None:
    form = reserved_form(("10.0.0.1", "10.0.0.9"))
    answer = admin_client.post(reverse("admin:ipman_pool_add"), form)
    assert answer.status_code == 302
    assert allocate("node:1") == "10.0.0.10"
    assert_books_balance(Pool.objects.get())
    assert LogEntry.objects.filter(user__username="admin", object_repr="a").count() == 1


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"last": "10.0.1.9"}, "10.0.1.9 is outside of 10.0.0.0/24"),
        ({"first": "nonsense"}, "Enter a valid IPv4 or IPv6 address"),
        ({"gateway": "10.9.9.9"}, "The gateway 10.9.9.9 is outside"),
        ({"name": "b", "first": "10.5.0.1", "last": "10.5.0.9"}, "overlaps pool other"),
        (reserved_form(("10.0.0.9", "10.0.5.9")), "is not within 10.0.0.1 to 10.0.0.254"),
        (reserved_form(("", "10.0.0.9")), "This field is required"),
    ],
)
def test_a_form_that_breaks_a_rule_comes_back_with_the_sentence(
    admin_client: Client, make_pool: MakePool, wrong: dict[str, str], sentence: str
) -> None:
    make_pool(name="other", first="10.5.0.1", last="10.5.0.254")
    answer = admin_client.post(reverse("admin:ipman_pool_add"), {**FORM, **wrong})
    assert answer.status_code == 200
    assert sentence in body(answer)
    assert Pool.objects.count() == 1


def test_reserving_over_an_address_in_use_comes_back_with_its_owner(
    admin_client: Client, make_pool: MakePool
) -> None:
    pool = make_pool()
    allocate("node:1")
    page = reverse("admin:ipman_pool_change", args=[pool.pk])
    answer = admin_client.post(page, reserved_form(("10.0.0.1", "10.0.0.9")))
    assert "10.0.0.1 (node:1)" in body(answer)
    assert not ReservedRange.objects.exists()


def test_a_pool_is_changed_and_a_reserved_range_removed(
    admin_client: Client, make_pool: MakePool
) -> None:
    pool = make_pool()
    reserved = ReservedRange(pool=pool, first="10.0.0.1", last="10.0.0.9")
    reserved_range_save(reserved=reserved)
    allocate("node:1")
    form = {
        **reserved_form(("10.0.0.1", "10.0.0.9")),
        "reserved_ranges-INITIAL_FORMS": "1",
        "reserved_ranges-0-id": str(reserved.pk),
        "reserved_ranges-0-DELETE": "on",
        "last": "10.0.0.99",
        "note": "rack 7",
    }
    page = reverse("admin:ipman_pool_change", args=[pool.pk])
    assert "1 in use" in body(admin_client.get(page))
    assert admin_client.post(page, form).status_code == 302
    pool.refresh_from_db()
    assert (pool.last, pool.note) == ("10.0.0.99", "rack 7")
    assert_books_balance(pool)
    assert not ReservedRange.objects.exists()


def test_a_used_pool_is_not_deleted_and_says_why(admin_client: Client, make_pool: MakePool) -> None:
    pool = make_pool()
    allocate("node:1")
    page = reverse("admin:ipman_pool_delete", args=[pool.pk])
    answer = admin_client.post(page, {"post": "yes"}, follow=True)
    assert "10.0.0.1 (node:1)" in body(answer)
    assert Pool.objects.exists()
    address_release(owner="node:1")
    admin_client.post(page, {"post": "yes"})
    assert not Pool.objects.exists()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=10.0.0.2", {"10.0.0.2"}),
        ("q=10.0.0.1", {"10.0.0.1"}),
        ("q=10.0", {"10.0.0.1", "10.0.0.2", "10.0.0.3"}),
        ("q=10.0.0.0/30", {"10.0.0.1", "10.0.0.2", "10.0.0.3"}),
        ("q=NODE:2", {"10.0.0.2"}),
        ("q=was-here", {"10.0.0.3"}),
        ("q=fd00::/64", {"fd00::1", "fd00::2"}),
        ("q=%00", {"10.0.0.1", "10.0.0.2", "10.0.0.3", "fd00::1", "fd00::2"}),
        ("state=in_use", {"10.0.0.1", "10.0.0.2", "fd00::1"}),
        ("state=resting", {"10.0.0.3"}),
        ("state=free", {"fd00::2"}),
        ("state=nonsense", {"10.0.0.1", "10.0.0.2", "10.0.0.3", "fd00::1", "fd00::2"}),
    ],
)
def test_addresses_are_found_by_what_a_person_knows(
    admin_client: Client, make_pool: MakePool, query: str, expected: set[str]
) -> None:
    make_pool(last="10.0.0.3")
    make_pool(name="six", first="fd00::1", last="fd00::2", prefix_length=64)
    for owner in ("node:1", "node:2", "was-here"):
        allocate(owner, "a")
    allocate("switch", "six")
    address_release(owner="was-here")
    page = body(admin_client.get(f"{reverse(ADDRESSES)}?{query}"))
    rows = re.findall(r'name="_selected_action" value="([^"]+)"', page) or re.findall(
        r'value="([^"]+)"[^>]*name="_selected_action"', page
    )
    assert set(rows) == expected


def test_an_address_cannot_be_written_by_hand(admin_client: Client, make_pool: MakePool) -> None:
    make_pool()
    page = reverse("admin:ipman_address_change", args=[allocate("node:1")])
    assert "node:1" in body(admin_client.get(page))
    assert admin_client.post(page, {"owner": "me"}).status_code == 403
    delete = reverse("admin:ipman_address_delete", args=["10.0.0.1"])
    assert admin_client.post(delete, {"post": "yes"}).status_code == 403
    assert Address.objects.get(pk="10.0.0.1").owner == "node:1"


def select(client: Client, *addresses: str) -> Any:
    form = {"action": "release_selected", "_selected_action": addresses}
    return client.post(reverse(ADDRESSES), form)


def confirm(client: Client, page: str, *addresses: str) -> Any:
    shown = re.search(r'name="shown" value="([^"]+)"', page)
    assert shown
    form = {
        "action": "release_selected",
        "_selected_action": addresses,
        "shown": shown.group(1),
    }
    return client.post(reverse(ADDRESSES), form, follow=True)


def test_a_release_asks_first_and_is_written_down(
    admin_client: Client, make_pool: MakePool
) -> None:
    make_pool()
    allocate("node:1")
    page = body(select(admin_client, "10.0.0.1", "10.0.0.2"))
    assert "Release 10.0.0.1?" in page
    assert "node:1" in page
    assert Address.objects.in_use().count() == 1
    confirm(admin_client, page, "10.0.0.1", "10.0.0.2")
    row = Address.objects.get(pk="10.0.0.1")
    assert (row.owner, row.last_owner, row.changed_by) == (None, "node:1", "admin")
    assert LogEntry.objects.get().change_message == "Released it from node:1 (ipmi)."


def test_an_address_that_changed_hands_since_the_question_is_left_alone(
    admin_client: Client, make_pool: MakePool
) -> None:
    make_pool(last="10.0.0.1", rest_seconds=0)
    allocate("node:1")
    page = body(select(admin_client, "10.0.0.1"))
    address_release(owner="node:1")
    allocate("node:2")
    answer = confirm(admin_client, page, "10.0.0.1")
    assert "Changed hands meanwhile: 1" in body(answer)
    assert Address.objects.get(pk="10.0.0.1").owner == "node:2"


def test_a_forged_confirmation_releases_nothing(admin_client: Client, make_pool: MakePool) -> None:
    make_pool()
    allocate("node:1")
    answer = confirm(admin_client, 'name="shown" value="forged:one"', "10.0.0.1")
    assert "too old" in body(answer)
    assert Address.objects.in_use().count() == 1


def test_who_may_only_look_can_neither_release_nor_allocate(make_pool: MakePool) -> None:
    make_pool()
    allocate("node:1")
    client = client_with("view_address", "view_pool")
    assert "Add address" not in body(client.get(reverse(ADDRESSES)))
    select(client, "10.0.0.1")
    assert client.get(reverse("admin:ipman_address_add")).status_code == 403
    assert client.post(reverse("admin:ipman_pool_add"), FORM).status_code == 403
    assert Address.objects.in_use().count() == 1


def test_a_permission_to_release_is_enough_to_release(make_pool: MakePool) -> None:
    make_pool()
    allocate("node:1")
    client = client_with("view_address", "release_address")
    confirm(client, body(select(client, "10.0.0.1")), "10.0.0.1")
    assert not Address.objects.in_use().exists()


@pytest.mark.parametrize(
    ("form", "expected"),
    [({"pool": "a"}, "10.0.0.1"), ({"address": "10.0.0.77", "key": "uplink"}, "10.0.0.77")],
)
def test_an_address_can_be_given_to_somebody(
    make_pool: MakePool, form: dict[str, str], expected: str
) -> None:
    pool = make_pool()
    client = client_with("view_address", "allocate_address")
    if "pool" in form:
        form = {**form, "pool": str(pool.pk)}
    answer = client.post(reverse("admin:ipman_address_add"), {"owner": "switch:r12", **form})
    assert answer.status_code == 302
    row = Address.objects.in_use().get()
    assert (row.address, row.owner, row.changed_by) == (expected, "switch:r12", "staff")
    assert row.key == form.get("key", "ipmi")
    assert "switch:r12" in LogEntry.objects.get().change_message


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"owner": "o"}, "Choose a pool, or write an address"),
        ({"owner": "o", "address": "10.9.9.9"}, "10.9.9.9 is in no pool"),
        ({"owner": "o", "address": "nonsense"}, "valid IPv4 or IPv6"),
        ({"address": "10.0.0.9"}, "This field is required"),
        ({"owner": "o", "address": "10.0.0.1"}, "belongs to node:1"),
    ],
)
def test_an_address_that_cannot_be_given_says_why(
    admin_client: Client, make_pool: MakePool, form: dict[str, str], sentence: str
) -> None:
    make_pool()
    allocate("node:1")
    answer = admin_client.post(reverse("admin:ipman_address_add"), form)
    assert answer.status_code == 200
    assert sentence in body(answer)
    assert Address.objects.in_use().count() == 1


def test_what_an_owner_calls_itself_is_never_html(
    admin_client: Client, make_pool: MakePool
) -> None:
    make_pool()
    address = allocate("<script>alert(1)</script>")
    pages = [
        body(admin_client.get(reverse(ADDRESSES))),
        body(admin_client.get(reverse("admin:ipman_address_change", args=[address]))),
        body(select(admin_client, address)),
    ]
    assert not any("<script>alert" in page for page in pages)
    assert all("&lt;script&gt;alert" in page for page in pages)


def test_a_list_of_many_addresses_counts_none_of_the_rest(
    admin_client: Client, make_pool: MakePool
) -> None:
    make_pool(first="10.0.0.0", last="10.0.3.255", prefix_length=22)
    for number in range(60):
        allocate(f"node:{number}")
    admin_client.get(reverse(ADDRESSES))
    with CaptureQueriesContext(connection) as captured:
        admin_client.get(f"{reverse(ADDRESSES)}?p=2")
    counts = [query["sql"] for query in captured if "COUNT(" in query["sql"]]
    assert all("LIMIT" in sql for sql in counts if "ipman_address" in sql)
    assert len(captured) < 12
