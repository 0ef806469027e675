"""What operators do with nodes: always by POST, one service each, and told in a sentence."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from nodes.models import Bmc, Node, NodeEvent
from nodes.power import PowerAction
from nodes.states import NodeStatus
from tests.admin import fleet as machines
from tests.admin.pages import do, do_selected, list_url, node_url, text_of, told

LIFE = ("maintain", "put_back", "retire", "restore")
POWER = tuple(f"power_{action}" for action in PowerAction)
VERBS = (*POWER, *LIFE, "breaker_reset")


@pytest.mark.parametrize("verb", VERBS)
def test_looking_at_a_question_changes_nothing(
    verb: str, admin: Client, fleet: dict[str, Node]
) -> None:
    for node in fleet.values():
        response = admin.get(f"/admin/nodes/node/{node.pk}/do/{verb}/")
        assert response.status_code == 200
        assert Node.objects.get(pk=node.pk).status == node.status
    assert not ProcrastinateJob.objects.exists()


def test_maintenance_keeps_the_note_and_the_operators_name(
    admin: Client, fleet: dict[str, Node]
) -> None:
    node = fleet["ready"]
    response = do(admin, node, "maintain", note="New PSU on Monday")
    assert response["Location"] == node_url(node)
    node.refresh_from_db()
    assert (node.status, node.reason) == (NodeStatus.MAINTENANCE, "New PSU on Monday")
    assert NodeEvent.objects.filter(node=node).latest("id").actor == "ada"
    assert told(response) == [f"{node} is in maintenance."]


def test_a_node_is_put_back(admin: Client, fleet: dict[str, Node]) -> None:
    node = fleet["maintenance"]
    do(admin, node, "put_back")
    node.refresh_from_db()
    assert node.status == NodeStatus.REGISTER_FAILED
    assert "has not been proven" in node.reason


def test_retiring_asks_first_and_names_the_machine(admin: Client, fleet: dict[str, Node]) -> None:
    node = fleet["ready"]
    page = text_of(admin.get(f"/admin/nodes/node/{node.pk}/do/retire/"))
    assert f"Retire {node}?" in page
    assert "its credential is destroyed" in page
    do(admin, node, "retire", note="Sold")
    node.refresh_from_db()
    assert (node.status, node.reason) == (NodeStatus.RETIRED, "Sold")
    assert not Bmc.objects.filter(node=node).exists()


def test_a_retirement_is_taken_back(admin: Client, fleet: dict[str, Node]) -> None:
    do(admin, fleet["retired"], "restore")
    fleet["retired"].refresh_from_db()
    assert fleet["retired"].status == NodeStatus.MAINTENANCE


def test_what_the_table_of_states_forbids_is_refused_in_one_sentence(
    admin: Client, fleet: dict[str, Node]
) -> None:
    node = fleet["in_use"]
    response = do(admin, node, "retire")
    assert told(response) == [f"{node}: Node {node.pk} is IN_USE and cannot become RETIRED."]
    node.refresh_from_db()
    assert node.status == NodeStatus.IN_USE


@pytest.mark.parametrize(
    ("status", "buttons"),
    [
        ("ready", {*POWER, "maintain", "retire"}),
        ("in_use", {*POWER}),
        ("quarantined", {"retire"}),
        ("maintenance", {*POWER, "put_back", "retire"}),
        ("retired", {"restore"}),
    ],
)
def test_a_page_offers_only_what_the_nodes_status_allows(
    status: str, buttons: set[str], admin: Client, fleet: dict[str, Node]
) -> None:
    html = admin.get(node_url(fleet[status])).content.decode()
    assert {verb for verb in VERBS if f"/do/{verb}/" in html} == buttons


def test_a_selection_is_dealt_with_node_by_node(admin: Client, fleet: dict[str, Node]) -> None:
    chosen = [fleet["ready"], fleet["in_use"], fleet["register_failed"]]
    response = do_selected(admin, chosen, "maintain", confirmed="yes", note="Power work")
    assert [Node.objects.get(pk=node.pk).status for node in chosen] == [
        NodeStatus.MAINTENANCE,
        NodeStatus.IN_USE,
        NodeStatus.MAINTENANCE,
    ]
    assert any("IN_USE and cannot become MAINTENANCE" in words for words in told(response))
    names = f"{fleet['ready']}, {fleet['register_failed']}"
    assert f"Maintenance: done for 2 nodes: {names}." in told(response)


def test_retiring_a_selection_asks_first_and_names_every_machine(
    admin: Client, fleet: dict[str, Node]
) -> None:
    chosen = [fleet["ready"], fleet["register_failed"]]
    response = do_selected(admin, chosen, "retire")
    page = text_of(response)
    assert "Retire 2 nodes?" in page
    assert all(node.serial in page for node in chosen)
    assert Node.objects.filter(status=NodeStatus.RETIRED).count() == 1
    do_selected(admin, chosen, "retire", confirmed="yes")
    assert Node.objects.filter(status=NodeStatus.RETIRED).count() == 3


def test_a_selection_over_the_limit_is_refused(
    admin: Client, fleet: dict[str, Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nodes.admin.doing.MOST_AT_ONCE", 2)
    response = do_selected(admin, list(fleet.values()), "maintain", confirmed="yes")
    assert told(response) == ["Select at most 2 nodes at once."]
    assert Node.objects.filter(status=NodeStatus.MAINTENANCE).count() == 1


@pytest.mark.parametrize("verb", VERBS)
def test_a_viewer_can_do_nothing(verb: str, viewer: Client, fleet: dict[str, Node]) -> None:
    for node in fleet.values():
        assert do(viewer, node, verb).status_code == 403
        assert viewer.get(f"/admin/nodes/node/{node.pk}/do/{verb}/").status_code == 403
    do_selected(viewer, list(fleet.values()), verb, confirmed="yes")
    assert {n.status for n in Node.objects.all()} == set(NodeStatus)
    assert Node.objects.count() == len(NodeStatus)


def test_nobody_can_do_anything_without_logging_in(client: Client, fleet: dict[str, Node]) -> None:
    response = do(client, fleet["ready"], "retire")
    assert response.status_code == 302
    assert "/admin/login/" in response["Location"]
    fleet["ready"].refresh_from_db()
    assert fleet["ready"].status == NodeStatus.READY


def test_a_post_from_another_site_is_refused(fleet: dict[str, Node]) -> None:
    user = User.objects.create_superuser("eve", "", "correct-horse-9")
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    assert do(client, fleet["ready"], "retire").status_code == 403
    assert client.post(list_url(), {"action": "retire"}).status_code == 403
    fleet["ready"].refresh_from_db()
    assert fleet["ready"].status == NodeStatus.READY


def test_an_unknown_verb_is_not_found(admin: Client, fleet: dict[str, Node]) -> None:
    assert do(admin, fleet["ready"], "explode").status_code == 404


def test_a_hostile_note_is_kept_as_text(admin: Client) -> None:
    node = machines.make_node(1)
    do(admin, node, "maintain", note="<script>alert(1)</script>")
    html = admin.get(node_url(node)).content.decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
