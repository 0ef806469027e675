"""The dialog that puts a profile on one node or a selection."""

import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from baremetal.hostnames import names
from baremetal.models import Baremetal
from baremetal.states import BaremetalState
from bearman.lib.errors import Invalid
from nodes.models import Bmc, Node
from nodes.states import NodeStatus
from profiles.models import Profile
from tests.admin import deployments
from tests.admin import fleet as machines
from tests.admin.conftest import logged_in
from tests.admin.pages import text_of, told
from tests.baremetal import rig

DEPLOY = "/admin/baremetal/baremetal/deploy/"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f ada"


@pytest.fixture
def room(db: None, tmp_path: Path) -> Profile:
    """A zone where machines can be deployed; returns the default profile."""
    return deployments.make_room(tmp_path)


def address(nodes: list[Node]) -> str:
    return f"{DEPLOY}?" + "&".join(f"node={node.pk}" for node in nodes)


def send(client: Client, nodes: list[Node], **fields: Any) -> Any:
    """Fill in the dialog for nodes, as a browser without scripts would, and send it."""
    html = client.get(address(nodes)).content.decode()
    form = dict(re.findall(r'name="((?:request|hostname)-\d+)"\s+value="([^"]*)"', html))
    filled = re.search(r'name="filled" value="([^"]*)"', html)
    form["hostname"] = form["filled"] = filled[1] if filled else ""
    return client.post(address(nodes), {"node": [n.pk for n in nodes], **form, **fields})


def filled_in(html: str) -> dict[str, list[str]]:
    """Return what a browser would send of the dialog as it is."""
    form: dict[str, list[str]] = {}
    for tag in re.findall(r"<input\b[^>]*>", html):
        names = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if names.get("type") != "checkbox" or " checked" in tag:
            form.setdefault(names.get("name", ""), []).append(names.get("value", ""))
    return form


def test_it_says_what_the_node_would_get(admin: Client, room: Profile) -> None:
    node = deployments.free(1)
    page = text_of(admin.get(address([node])))
    assert f"Deploy {node}" in page
    assert "The default of flavor compute-1u is web v1, debian/2026.11.1" in page
    assert "web (version 1, image debian)" in page
    assert "from az1-service, VLAN 120" in page
    assert f'value="node-{node.pk}"' in admin.get(address([node])).content.decode()
    assert not Baremetal.objects.exists()


def test_one_node_is_deployed_and_leads_to_its_page(admin: Client, room: Profile) -> None:
    node = deployments.free(1)
    response = send(admin, [node], hostname="Web-1", ssh_keys=f"{KEY}\n\n")
    row = Baremetal.objects.get()
    assert response["Location"] == f"/admin/baremetal/baremetal/{row.pk}/change/"
    assert (row.hostname, row.created_by, row.profile) == ("web-1", "ada", room)
    assert row.ssh_keys == [KEY]
    assert row.state == BaremetalState.DEPLOY_START
    assert told(response) == ["web-1 is being deployed. This page follows it."]


def test_the_profile_can_be_chosen(admin: Client, room: Profile) -> None:
    other = rig.profile("db")
    send(admin, [deployments.free(1)], profile=other.pk)
    assert Baremetal.objects.get().profile == other


def test_a_selection_gets_names_by_the_pattern(admin: Client, room: Profile) -> None:
    nodes = [deployments.free(number) for number in (1, 2, 3)]
    response = send(admin, nodes, hostname="web-{nn}", first="9")
    assert response["Location"] == "/admin/baremetal/baremetal/"
    assert told(response) == ["3 nodes are being deployed: web-09, web-10, web-11."]
    rows = Baremetal.objects.order_by("hostname")
    assert [(row.hostname, row.node_id) for row in rows] == [
        (f"web-{number:02d}", node.pk) for number, node in zip((9, 10, 11), nodes, strict=True)
    ]


def test_a_name_of_a_row_goes_before_the_pattern(admin: Client, room: Profile) -> None:
    nodes = [deployments.free(1), deployments.free(2)]
    send(admin, nodes, **{f"hostname-{nodes[1].pk}": "special"})
    assert set(Baremetal.objects.values_list("hostname", flat=True)) == {
        f"node-{nodes[0].pk}",
        "special",
    }


def test_a_node_that_is_unticked_is_left_alone(admin: Client, room: Profile) -> None:
    nodes = [deployments.free(1), deployments.free(2)]
    send(admin, nodes, node=[nodes[1].pk], hostname="web-{n}", first="1")
    assert [(r.hostname, r.node_id) for r in Baremetal.objects.all()] == [("web-1", nodes[1].pk)]


def test_a_pattern_without_a_number_is_refused_and_nothing_typed_is_lost(
    admin: Client, room: Profile
) -> None:
    nodes = [deployments.free(1), deployments.free(2)]
    response = send(admin, nodes, hostname="same", ssh_keys="ssh-rsa AAAA me")
    page, html = text_of(response), response.content.decode()
    assert "The pattern 'same' gives all machines the same host name." in page
    assert 'value="same"' in html
    assert "ssh-rsa AAAA me</textarea>" in html
    assert not Baremetal.objects.exists()


def test_what_cannot_be_deployed_is_left_out_with_the_reason(admin: Client, room: Profile) -> None:
    good, silent, away = deployments.free(1), deployments.free(2), deployments.free(3)
    taken = deployments.free(4)
    Bmc.objects.filter(node=silent).update(password=None)
    Node.objects.filter(pk=away.pk).update(status=NodeStatus.MAINTENANCE)
    deployments.deployed(taken, "web-9")
    response = admin.get(address([good, silent, away, taken]))
    page, html = text_of(response), response.content.decode()
    assert "What each node gets 1" in page
    assert "Left out 3" in page
    assert f"The BMC of node {silent.pk} has no proven address and credential." in page
    assert "It is MAINTENANCE, not READY." in page
    assert "olga has put profile web on it. web-9" in page
    assert re.findall(r'name="node" value="(\d+)"', html) == [str(good.pk)]


def test_a_refusal_is_told_beside_its_node_and_the_others_go_on(
    admin: Client, room: Profile
) -> None:
    deployments.deployed(deployments.free(9), "web-2")
    nodes = [deployments.free(number) for number in (1, 2, 3)]
    response = send(admin, nodes, hostname="web-{n}", ssh_keys=KEY)
    page, html = text_of(response), response.content.decode()
    assert response.status_code == 200
    assert "The host name web-2 is taken. Choose another one, or release that deployment." in page
    assert "Being deployed 2" in page
    assert f'name="hostname-{nodes[1].pk}" value="web-2"' in html
    assert KEY in html
    assert re.findall(r'name="node" value="(\d+)"', html) == [str(nodes[1].pk)]
    assert Baremetal.objects.count() == 3


def test_the_checkers_words_are_shown(admin: Client, room: Profile) -> None:
    rig.profile("broken", append="x={{ disk }}")
    Profile.objects.filter(name="broken").update(append="x={{ nonsense }}")
    broken = Profile.objects.get(name="broken")
    response = send(admin, [deployments.free(1)], profile=broken.pk)
    assert "Profile broken: its kernel command line" in text_of(response)
    assert f'value="{broken.pk}" selected' in response.content.decode()
    assert not Baremetal.objects.exists()


def test_what_does_not_fit_in_one_request_goes_on_in_the_next(
    admin: Client, room: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("baremetal.admin.asked.ENOUGH_SECONDS", 0.0)
    deployments.deployed(deployments.free(9), "web-2")
    nodes = [deployments.free(number) for number in (1, 2, 3)]
    response = send(admin, nodes, hostname="web-{n}")
    for waiting in (2, 1):
        assert f"{waiting} still to be begun." in text_of(response)
        assert "Being deployed 1" in text_of(response)
        html = response.content.decode()
        assert "data-goes-on" in html
        response = admin.post(address(nodes), filled_in(html))
    page = text_of(response)
    assert "Being deployed 2" in page
    assert "The host name web-2 is taken." in page
    assert "still to be begun" not in page
    assert set(Baremetal.objects.values_list("hostname", flat=True)) == {"web-1", "web-2", "web-3"}
    form = filled_in(response.content.decode()) | {f"hostname-{nodes[1].pk}": ["web-4"]}
    assert told(admin.post(address(nodes), form))[-1] == (
        "3 nodes are being deployed: web-1, web-3, web-4."
    )


def test_pressing_twice_is_one_deployment(admin: Client, room: Profile) -> None:
    node = deployments.free(1)
    name = {f"request-{node.pk}": str(uuid4())}
    first = send(admin, [node], hostname="web-1", filled="web-1", **name)
    form = {"node": node.pk, "hostname": "web-1", "filled": "web-1", **name}
    second = admin.post(address([node]), form)
    assert first["Location"] == second["Location"]
    assert Baremetal.objects.count() == 1


def test_the_second_of_two_operators_is_told_who_was_first(admin: Client, room: Profile) -> None:
    node = deployments.free(1)
    bob = logged_in(User.objects.create_superuser("bob", password="x"))
    html = admin.get(address([node])).content.decode()
    send(bob, [node])
    assert f"request-{node.pk}" in html
    form = {"node": node.pk, "hostname": f"node-{node.pk}", f"request-{node.pk}": str(uuid4())}
    response = admin.post(address([node]), form)
    page = text_of(response)
    assert f"bob was first: node {node.pk} got profile web as node-{node.pk}" in page
    assert "Release it first, or take another node." in page
    assert Baremetal.objects.get().created_by == "bob"


def test_a_profile_that_has_gone_is_said(admin: Client, room: Profile) -> None:
    response = send(admin, [deployments.free(1)], profile="99999")
    assert "That profile is gone: choose another one." in text_of(response)
    assert not Baremetal.objects.exists()


def test_a_node_without_a_default_profile_says_so(admin: Client, tmp_path: Path) -> None:
    deployments.make_room(tmp_path, default=False)
    node = deployments.free(1)
    assert "Flavor compute-1u has no default profile: choose one." in text_of(
        admin.get(address([node]))
    )
    assert "has flavor compute-1u and so no default profile. Name a profile." in text_of(
        send(admin, [node])
    )


def test_without_profile_and_pool_it_says_what_to_do(admin: Client) -> None:
    node = deployments.free(1)
    page = text_of(admin.get(address([node])))
    assert "There is no profile yet" in page
    assert "No service addresses in az1" in page
    assert "Zone az1 has no pool of service addresses." in page


def test_without_nodes_it_leads_to_those_that_are_ready(admin: Client) -> None:
    for query in ("", "?node=x", "?node=99999"):
        response = admin.get(DEPLOY + query)
        assert response["Location"] == "/admin/nodes/node/?status__exact=READY"


def test_too_many_at_once_are_refused(
    admin: Client, room: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("baremetal.admin.asked.MOST_AT_ONCE", 1)
    response = admin.get(address([deployments.free(1), deployments.free(2)]))
    assert told(response) == ["Select at most 1 nodes at once."]


def test_who_may_not_deploy_cannot(room: Profile) -> None:
    user = User.objects.create_user("vera", password="x", is_staff=True)
    names = ("view_node", "view_baremetal", "change_baremetal")
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client, node = logged_in(user), deployments.free(1)
    assert client.get(address([node])).status_code == 403
    assert client.post(address([node]), {"node": node.pk}).status_code == 403
    assert not Baremetal.objects.exists()


def test_a_post_from_another_site_is_refused(room: Profile) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_superuser("eve", password="x"))
    node = deployments.free(1)
    assert client.post(address([node]), {"node": node.pk}).status_code == 403
    assert not Baremetal.objects.exists()


def test_hostile_names_of_machines_are_text(admin: Client, room: Profile) -> None:
    node = machines.make_node(1, product_name='"><script>alert(1)</script>')
    html = admin.get(address([node])).content.decode()
    assert "<script>alert" not in html


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("web-{n}", ["web-7", "web-8"]),
        ("web-{nnn}", ["web-007", "web-008"]),
        ("node-{node}", ["node-31", "node-5"]),
        (" a{n}b{node} ", ["a7b31", "a8b5"]),
        ("{x}{n}", ["{x}7", "{x}8"]),
    ],
)
def test_a_pattern_gives_each_its_name(pattern: str, expected: list[str]) -> None:
    assert names(pattern=pattern, node_ids=[31, 5], first=7) == expected


def test_a_single_name_needs_no_place_and_several_do() -> None:
    assert names(pattern="web", node_ids=[1]) == ["web"]
    assert names(pattern="web", node_ids=[]) == []
    with pytest.raises(Invalid, match="gives all machines the same host name"):
        names(pattern="web", node_ids=[1, 2])
