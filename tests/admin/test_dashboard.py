"""The first page, the sidebar, and background work."""

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django import app

from ipman.models import Pool
from ipman.services import address_allocate, pool_save
from nodes.models import Node
from tests.admin import fleet as machines
from tests.admin.conftest import logged_in
from tests.admin.pages import text_of

JOBS = "/admin/procrastinate/procrastinatejob/"


def test_it_counts_the_nodes_and_tells_of_those_that_failed(
    admin: Client, fleet: dict[str, Node]
) -> None:
    node = fleet["register_failed"]
    page = text_of(admin.get("/admin/"))
    assert "1 REGISTER_FAILED" in page
    assert f"confirm: {node.reason}" in page
    assert str(node.advice) in page
    assert f"reachable at {node.address}" in page
    assert "IPman gave its BMC 10.254.0.12" in page


def test_it_warns_of_pools_that_are_nearly_full(admin: Client, fleet: dict[str, Node]) -> None:
    assert "nearly full" not in text_of(admin.get("/admin/"))
    pool = Pool(
        name="az1-ipmi",
        zone="az1",
        purpose="ipmi",
        first="10.254.9.1",
        last="10.254.9.4",
        prefix_length=24,
    )
    pool_save(pool=pool)
    for number in range(4):
        address_allocate(zone="az1", purpose="ipmi", owner=f"node:{number}")
    page = text_of(admin.get("/admin/"))
    assert "Pools that are nearly full" in page
    assert "az1-ipmi az1 IPMI 100 % 0 of 4" in page


def test_without_nodes_it_says_how_to_begin(admin: Client) -> None:
    page = text_of(admin.get("/admin/"))
    assert "No machine has registered yet" in page
    assert "/ipxe/<uuid>" in page


def test_without_failures_it_says_so(admin: Client) -> None:
    machines.make_node(1)
    assert "None. Every machine that came is registered" in text_of(admin.get("/admin/"))


def test_its_queries_do_not_grow_with_the_nodes(admin: Client) -> None:
    machines.fail(machines.make_node(1))
    few = _queries(admin)
    for number in range(2, 20):
        machines.fail(machines.make_node(number))
    assert _queries(admin) == few <= 10


def test_an_operator_sees_only_what_the_permissions_allow(
    viewer: Client, fleet: dict[str, Node]
) -> None:
    page = text_of(viewer.get("/admin/"))
    assert "Seen machines" in page
    assert "REGISTER_FAILED" in page
    for word in ("Pools", "Operators", "Tokens", "Background work"):
        assert word not in page
    nobody = User.objects.create_user("nia", password="x", is_staff=True)
    page = text_of(logged_in(nobody).get("/admin/"))
    assert "An administrator can give you more permissions" in page
    assert "REGISTER_FAILED" not in page


@pytest.mark.parametrize(
    "path",
    [
        *("nodes/node/", "nodes/nodeevent/", "nodes/bootrequest/", "nodes/enrolmentwindow/"),
        *("nodes/availabilityzone/", "profiles/flavor/", "profiles/scriptrelease/"),
        *("ipman/pool/", "ipman/address/", "auth/user/", "auth/group/"),
        *("accounts/operatortoken/", "procrastinate/procrastinatejob/", ""),
    ],
)
def test_each_page_opens_and_has_a_title_of_its_own(path: str, admin: Client) -> None:
    response = admin.get(f"/admin/{path}")
    assert response.status_code == 200
    html = response.content.decode()
    title = html.split("<title>")[1].split("</title>")[0].strip()
    assert title.endswith("| Bearman")
    assert not title.startswith("Select ")


def test_jobs_are_listed_and_looked_at_and_not_touched(admin: Client) -> None:
    key = app.configure_task("nodes.tasks.nothing").defer(actor="<script>")
    html = admin.get(JOBS).content.decode()
    assert "nodes.tasks.nothing" in html
    assert '<script>"' not in html
    page = text_of(admin.get(f"{JOBS}{key}/change/"))
    assert "deferred" in page
    assert admin.get(f"{JOBS}add/").status_code == 403
    assert admin.post(f"{JOBS}{key}/delete/", {"post": "yes"}).status_code == 403
    assert 'value="cancel"' not in html


def _queries(client: Client) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get("/admin/").status_code == 200
    return len(captured)
