"""The identity desk: its list, its page for a machine, and its three decisions."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from nodes.models import LinkState, Node
from nodes.states import Decision, NodeStatus
from tests.admin import fleet as machines
from tests.admin.pages import do, node_url, text_of, told

LIST = "/admin/nodes/quarantinednode/"


def desk_url(node: Node) -> str:
    return reverse("admin:nodes_quarantinednode_change", args=[node.pk])


def decide(client: Client, node: Node, choice: str, **fields: object) -> Any:
    """Press the button on the page that asks."""
    return client.post(
        reverse("admin:nodes_quarantinednode_decide", args=[node.pk, choice]), fields
    )


def fresh(node: Node) -> Node:
    return Node.objects.get(pk=node.pk)


def test_an_empty_desk_says_what_it_is_for(admin: Client, db: None) -> None:
    page = text_of(admin.get(LIST))
    assert "Nobody waits for a decision" in page
    assert "UUID of another" in page


def test_the_list_shows_who_waits_oldest_first_with_the_best_match(
    admin: Client, fleet: dict[str, Node]
) -> None:
    waits = fleet["quarantined"]
    later = machines.make_node(60, NodeStatus.QUARANTINED, uuid=None, issue="ID-001", rack="r7")
    LinkState.objects.create(node=waits, interface="eno1", switch="leaf-7a", port="Ethernet1/7")
    Node.objects.filter(pk=waits.pk).update(first_seen="2024-01-01T00:00:00Z", issue="ID-003")
    html = admin.get(LIST).content.decode()
    assert html.index(waits.serial) < html.index(later.serial)
    page = text_of(admin.get(LIST))
    assert "leaf-7a Ethernet1/7" in page
    assert f"node {fleet['ready'].pk}" in page
    assert "ID-003" in page
    assert fleet["in_use"].serial not in html


def test_the_list_takes_as_many_queries_for_many_machines_as_for_one(
    admin: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    owner = machines.make_node(1)
    for number in range(2, 40):
        row = machines.make_node(number, NodeStatus.QUARANTINED, clashes_with=owner)
        machines.give_parts(row)
    with django_assert_max_num_queries(16):
        assert admin.get(LIST).status_code == 200


def test_a_machine_stands_beside_the_one_it_clashes_with_and_the_score_has_its_reasons(
    admin: Client, fleet: dict[str, Node]
) -> None:
    waits, owner = fleet["quarantined"], fleet["ready"]
    page = text_of(admin.get(desk_url(waits)))
    assert waits.board_serial in page
    assert owner.board_serial in page
    assert f"board serial {waits.board_serial} instead of {owner.board_serial}" in page
    assert "no MAC addresses in common" in page
    assert "Disk serials" in page
    assert f"The same machine as node {owner.pk}" in page


def test_another_node_can_be_put_beside_it(admin: Client, fleet: dict[str, Node]) -> None:
    waits, other = fleet["quarantined"], fleet["maintenance"]
    Node.objects.filter(pk=other.pk).update(board_serial=waits.board_serial)
    page = text_of(admin.get(f"{desk_url(waits)}?beside={other.pk}"))
    assert f"The same machine as node {other.pk}" in page
    assert f"same board serial {waits.board_serial}" in page
    assert admin.get(f"{desk_url(waits)}?beside=nonsense'").status_code == 200


def test_a_machine_that_shares_nothing_is_told_to_be_one_of_its_own(
    admin: Client, db: None
) -> None:
    row = machines.make_node(3, NodeStatus.QUARANTINED, uuid=None)
    page = text_of(admin.get(desk_url(row)))
    assert "No node shares a part with it" in page
    assert "Another machine: own identity" in page


def test_merging_asks_first_then_moves_the_inventory_and_says_what_to_do(
    admin: Client, fleet: dict[str, Node]
) -> None:
    waits, owner = fleet["quarantined"], fleet["ready"]
    asked = reverse("admin:nodes_quarantinednode_decide", args=[waits.pk, "merge"])
    page = text_of(admin.get(f"{asked}?into={owner.pk}"))
    assert f"the machine of node {owner.pk}?" in page
    assert fresh(waits).status == NodeStatus.QUARANTINED, "it has only asked"
    response = decide(admin, waits, "merge", into=owner.pk, note="New board")
    assert response["Location"] == LIST
    assert told(response) == [
        f"{waits} was merged into node {owner.pk}. Switch it off and on, so that it registers."
    ]
    assert (fresh(waits).decision, fresh(waits).same_as) == (Decision.MERGED, owner)
    assert fresh(owner).board_serial == waits.board_serial
    assert "New board" in text_of(admin.get(node_url(owner)))
    assert f"the machine is node {owner.pk}" in text_of(admin.get(node_url(waits)))
    assert "Merged into this node" in text_of(admin.get(node_url(owner)))


def test_a_machine_in_use_is_named_before_something_is_merged_into_it(
    admin: Client, fleet: dict[str, Node]
) -> None:
    waits, used = fleet["quarantined"], fleet["in_use"]
    asked = reverse("admin:nodes_quarantinednode_decide", args=[waits.pk, "merge"])
    assert f"Node {used.pk} is in use." in text_of(admin.get(f"{asked}?into={used.pk}"))
    response = decide(admin, waits, "merge", into=used.pk)
    assert "is in use" in told(response)[0]
    assert response["Location"] == desk_url(waits)
    decide(admin, waits, "merge", into=used.pk, confirmed="yes")
    assert fresh(used).status == NodeStatus.IN_USE
    assert fresh(waits).decision == Decision.MERGED


@pytest.mark.parametrize(
    ("choice", "status", "decision"),
    [
        ("own", NodeStatus.REGISTER_FAILED, Decision.OWN),
        ("reject", NodeStatus.RETIRED, Decision.REJECTED),
    ],
)
def test_the_other_decisions_ask_first_and_are_taken_back_on_the_nodes_page(
    admin: Client, fleet: dict[str, Node], choice: str, status: str, decision: str
) -> None:
    waits = fleet["quarantined"]
    url = reverse("admin:nodes_quarantinednode_decide", args=[waits.pk, choice])
    assert "Why?" in text_of(admin.get(url))
    assert decide(admin, waits, choice, note="So it is").status_code == 302
    assert (fresh(waits).status, fresh(waits).decision) == (status, decision)
    page = admin.get(node_url(waits))
    assert "Take decision back" in text_of(page)
    assert "Take retirement back" not in text_of(page)
    do(admin, waits, "undecide", confirmed="yes")
    assert (fresh(waits).status, fresh(waits).decision) == (NodeStatus.QUARANTINED, "")


def test_what_is_decided_already_leads_on_to_the_node(
    admin: Client, fleet: dict[str, Node]
) -> None:
    node = fleet["ready"]
    assert admin.get(desk_url(node))["Location"] == node_url(node)
    response = decide(admin, node, "reject")
    assert "not in quarantine any more" in told(response)[0]


def test_a_quarantined_nodes_page_leads_to_the_desk(admin: Client, fleet: dict[str, Node]) -> None:
    waits = fleet["quarantined"]
    door = f"{reverse('admin:nodes_quarantinednode_open')}?node={waits.pk}"
    assert door in admin.get(node_url(waits)).content.decode()
    assert admin.get(door)["Location"] == desk_url(waits)
    assert admin.get(f"{door}&node=7")["Location"] == LIST


def test_a_viewer_sees_the_desk_and_decides_nothing(viewer: Client, fleet: dict[str, Node]) -> None:
    waits = fleet["quarantined"]
    assert waits.serial in viewer.get(LIST).content.decode()
    page = text_of(viewer.get(desk_url(waits)))
    assert "Side by side" in page
    assert "Reject" not in page
    for choice in ("merge", "own", "reject"):
        assert decide(viewer, waits, choice).status_code == 403
    assert fresh(waits).status == NodeStatus.QUARANTINED


@pytest.mark.parametrize(
    "path", ["999999/change/", "x/change/", "999999/decide/own/", "open/?node=x"]
)
def test_what_is_not_there_is_not_found(admin: Client, db: None, path: str) -> None:
    assert admin.get(f"{LIST}{path}").status_code in (404, 302)


def test_an_unknown_choice_and_a_merge_into_nothing_are_not_found(
    admin: Client, fleet: dict[str, Node]
) -> None:
    waits = fleet["quarantined"]
    assert decide(admin, waits, "explode").status_code == 404
    for into in ("", "x", "999999", "-1", "²"):
        assert decide(admin, waits, "merge", into=into).status_code == 404


def test_hostile_text_of_a_machine_is_shown_as_text(admin: Client, db: None) -> None:
    row = machines.make_node(
        4, NodeStatus.QUARANTINED, serial="<script>alert(1)</script>{0}", reason="<b>{node}</b>"
    )
    for url in (LIST, desk_url(row), f"{LIST}{row.pk}/decide/own/"):
        html = admin.get(url).content.decode()
        assert "<script>alert(1)" not in html
        assert "<b>{node}" not in html
    assert "&lt;script&gt;" in html
