"""The list of deployments, and what deployments add to the dashboard and the pages on nodes."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from baremetal.models import Baremetal
from baremetal.services.release import baremetal_release
from nodes.models import Node
from profiles.models import Profile
from tests.admin import deployments, pages
from tests.admin.conftest import logged_in
from tests.admin.pages import text_of

LIST = "/admin/baremetal/baremetal/"


@pytest.fixture
def room(db: None, tmp_path: Path) -> Profile:
    """A zone where machines can be deployed; returns the default profile."""
    return deployments.make_room(tmp_path)


def hostnames(response: Any) -> list[str]:
    """Return the host names of the rows of the list."""
    found = re.findall(r"field-hostname_cell.*?<a[^>]*>\s*([^<]+?)\s*</a>", text(response), re.S)
    return list(found)


def text(response: Any) -> str:
    return str(response.content.decode())


def test_a_row_says_what_is_where_and_how_it_is(admin: Client, room: Profile) -> None:
    node = deployments.free(1)
    row = deployments.deployed(node, "web-1")
    page = text_of(admin.get(LIST))
    for words in ("web-1", str(node), "web v1", "debian/2026.11.1", "120", "10.20.0.10"):
        assert words in page
    assert "DEPLOY_START" in page
    assert "power_on" in page
    html = text(admin.get(LIST))
    assert 'title="Being switched on and booting stage one."' in html
    assert f"/admin/nodes/node/{node.pk}/change/" in html
    assert f"/admin/baremetal/baremetal/{row.pk}/change/" in html


def test_history_is_left_out_unless_it_is_asked_for(admin: Client, room: Profile) -> None:
    deployments.deployed(deployments.free(1), "web-1")
    gone = deployments.deployed(deployments.free(2), "web-2")
    Baremetal.objects.filter(pk=gone.pk).update(state="RELEASED", profile=None)
    assert hostnames(admin.get(LIST)) == ["web-1"]
    assert hostnames(admin.get(f"{LIST}?state=RELEASED")) == ["web-2"]
    assert sorted(hostnames(admin.get(f"{LIST}?state=all"))) == ["web-1", "web-2"]
    assert hostnames(admin.get(f"{LIST}?state=nonsense")) == ["web-1"]


def test_filters_by_state_profile_zone_and_lateness(admin: Client, room: Profile) -> None:
    start = deployments.deployed(deployments.free(1), "web-1")
    deployments.installed(deployments.free(2), "web-2")
    quiet = deployments.installed(deployments.free(3), "web-3")
    deployments.overdue(start)
    deployments.silent(quiet)
    assert sorted(hostnames(admin.get(f"{LIST}?state=INSTALLED"))) == ["web-2", "web-3"]
    assert sorted(hostnames(admin.get(f"{LIST}?late=yes"))) == ["web-1", "web-3"]
    assert hostnames(admin.get(f"{LIST}?late=no")) == ["web-2"]
    assert len(hostnames(admin.get(f"{LIST}?profile=web&zone=az1"))) == 3
    assert hostnames(admin.get(f"{LIST}?profile=other")) == []
    assert hostnames(admin.get(f"{LIST}?zone=az9")) == []


def test_what_is_late_is_marked_with_the_reason(admin: Client, room: Profile) -> None:
    deployments.overdue(deployments.deployed(deployments.free(1), "web-1"))
    deployments.silent(deployments.installed(deployments.free(2), "web-2"))
    html = text(admin.get(LIST))
    assert html.count(">late</span>") == 2
    assert "Its deadline passed 3 min" in html
    assert "has not called back" in html


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("web-1", ["web-1"]),
        ("10.20.0.11", ["web-2"]),
        ("PowerEdge", ["web-2"]),
        ("nothing", []),
        ("  ", ["web-1", "web-2"]),
    ],
)
def test_search_by_host_name_address_and_node(
    query: str, expected: list[str], admin: Client, room: Profile
) -> None:
    deployments.deployed(deployments.free(1), "web-1")
    deployments.deployed(deployments.free(4), "web-2")
    assert sorted(hostnames(admin.get(LIST, {"q": query}))) == expected


def test_a_search_that_is_too_long_is_refused_in_a_sentence(admin: Client, room: Profile) -> None:
    response = admin.get(LIST, {"q": "x" * 300})
    assert response.status_code == 302
    assert "at most 200 characters" in pages.told(response)[0]


def test_the_number_of_queries_does_not_grow(admin: Client, room: Profile) -> None:
    deployments.deployed(deployments.free(1))
    few = _queries(admin, LIST)
    for number in range(2, 9):
        deployments.deployed(deployments.free(number))
    assert _queries(admin, LIST) == few <= 12


def test_an_empty_list_says_what_to_do(admin: Client) -> None:
    page = text_of(admin.get(LIST))
    assert "Nothing is deployed yet" in page
    assert "READY nodes" in page


def test_nobody_adds_edits_or_deletes_one_by_hand(admin: Client, room: Profile) -> None:
    row = deployments.deployed(deployments.free(1), "web-1")
    assert admin.get(f"{LIST}add/").status_code == 403
    assert admin.post(f"{LIST}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    admin.post(f"{LIST}{row.pk}/change/", {"hostname": "evil"})
    row.refresh_from_db()
    assert row.hostname == "web-1"
    event = row.events.latest("pk")
    url = f"/admin/baremetal/baremetalevent/{event.pk}/change/"
    assert "gets 10.20.0.10/24" in text_of(admin.get(url))
    assert admin.post(url, {"message": "evil"}).status_code == 403
    assert admin.get("/admin/baremetal/baremetalevent/").status_code == 200


def test_who_may_not_see_deployments_sees_none(viewer: Client, room: Profile) -> None:
    node = deployments.free(1)
    row = deployments.deployed(node, "web-1")
    assert viewer.get(LIST).status_code == 403
    assert viewer.get(f"{LIST}{row.pk}/change/").status_code == 403
    assert 'id="deployments-title"' not in text(viewer.get("/admin/"))
    assert 'id="baremetal"' not in text(viewer.get(pages.node_url(node)))


def test_who_may_only_look_has_no_buttons(room: Profile) -> None:
    user = User.objects.create_user("vera", password="x", is_staff=True)
    names = ("view_node", "view_baremetal", "view_baremetalevent")
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client = logged_in(user)
    row = deployments.installed(deployments.free(1), "web-1")
    assert hostnames(client.get(LIST)) == ["web-1"]
    page = client.get(f"{LIST}{row.pk}/change/")
    assert "ssh root@10.20.0.10" in text_of(page)
    assert "Release" not in text_of(page)
    assert 'value="release"' not in text(client.get(LIST))


def test_the_dashboard_counts_and_tells_of_what_failed_or_is_late(
    admin: Client, room: Profile
) -> None:
    deployments.failed(deployments.free(1), "web-1")
    deployments.overdue(deployments.deployed(deployments.free(2), "web-2"))
    deployments.installed(deployments.free(3), "web-3")
    page = text_of(admin.get("/admin/")).split("Machines that failed to register")[0]
    assert "1 DEPLOY_START" in page
    assert "1 INSTALLED" in page
    assert "1 UNRECOVERABLE_ERROR" in page
    assert "1 late" in page
    assert "exit code 100" in page
    assert "web-2" in page
    assert "web-3" not in page


def test_a_nodes_page_shows_what_is_on_it_and_what_was(admin: Client, room: Profile) -> None:
    node = deployments.free(1)
    url = pages.node_url(node)
    assert f'/admin/baremetal/baremetal/deploy/?node={node.pk}"' in text(admin.get(url))
    row = deployments.deployed(node, "web-1")
    page = text_of(admin.get(url))
    assert "Host name web-1" in page
    assert "Deployed by olga" in page
    assert "/deploy/?node=" not in text(admin.get(url))
    baremetal_release(row=row, actor="ada")
    Baremetal.objects.filter(pk=row.pk).update(state="RELEASED", step="", profile=None)
    Node.objects.filter(pk=node.pk).update(status="READY")
    page = text_of(admin.get(url))
    assert "It is free." in page
    assert "1 earlier deployment web-1 web by olga" in page


def test_the_list_of_nodes_has_deploy_as_an_action(admin: Client, room: Profile) -> None:
    nodes = [deployments.free(1), deployments.free(2)]
    response = pages.do_selected(admin, nodes, "deploy")
    keys = "&".join(f"node={node.pk}" for node in nodes)
    assert response["Location"] == f"/admin/baremetal/baremetal/deploy/?{keys}"


def _queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)
