"""A node's page: what it tells, what it keeps to itself, and what may be changed on it."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from nodes.models import EventKind, Node, NodeEvent, RawInventory
from nodes.states import NodeStatus
from profiles.models import Flavor
from tests.admin import fleet as machines
from tests.admin.pages import list_url, node_url, text_of

HOSTILE = "<script>alert(1)</script>\"'{{7*7}}<img src=x onerror=alert(2)>"


def test_the_page_shows_identity_inventory_and_bmc(admin: Client, fleet: dict[str, Node]) -> None:
    node = fleet["ready"]
    page = text_of(admin.get(node_url(node)))
    for value in (node.uuid, node.serial, node.board_serial, node.bios_version, node.bmc.address):
        assert str(value) in page
    assert "Processors 2 sockets, 40 cores, 80 threads" in page
    assert "Memory 384 GiB, 12 modules" in page
    assert "Disks 2, 5.9 TB" in page
    assert "eno1np0" in page
    assert "M393A4K40DB2-CVF" in page
    assert "off , read" in page


def test_a_failed_node_says_why_what_to_do_and_where_to_log_in(
    admin: Client, fleet: dict[str, Node]
) -> None:
    node = fleet["register_failed"]
    page = text_of(admin.get(node_url(node)))
    assert f"confirm: {node.reason}" in page
    assert f"What to do: {node.advice}" in page
    assert node.address is not None
    assert f"(for SSH) {node.address}" in page


def test_a_quarantined_node_is_shown_beside_the_one_it_clashes_with(
    admin: Client, fleet: dict[str, Node]
) -> None:
    newcomer, owner = fleet["quarantined"], fleet["ready"]
    response = admin.get(node_url(newcomer))
    page = text_of(response)
    assert "Two machines, one identity" in page
    assert "UUID same" in page
    assert f"Board serial differs {newcomer.board_serial} {owner.board_serial}" in page
    assert node_url(owner) in response.content.decode()


def test_a_node_names_the_machines_that_claim_its_uuid(
    admin: Client, fleet: dict[str, Node]
) -> None:
    response = admin.get(node_url(fleet["ready"]))
    assert "Other machines claim this one's UUID" in text_of(response)
    assert node_url(fleet["quarantined"]) in response.content.decode()


@pytest.mark.parametrize("status", list(NodeStatus))
def test_no_page_shows_a_secret(status: NodeStatus, admin: Client, fleet: dict[str, Node]) -> None:
    node = fleet[status.lower()]
    for url in (node_url(node), list_url(), reverse("admin:index")):
        html = admin.get(url).content.decode()
        assert machines.PASSWORD not in html
        bmc = getattr(node, "bmc", None)
        if bmc is not None:
            assert bytes(bmc.password).decode() not in html
            assert f">{bmc.username}<" not in html


def test_the_time_line_has_the_newest_event_first_and_the_log_within_reach(
    admin: Client, fleet: dict[str, Node]
) -> None:
    page = text_of(admin.get(node_url(fleet["register_failed"])))
    assert page.index("REGISTERING →") < page.index("IPman gave its BMC")
    assert "Last lines of the log + ipmitool lan set 1 ipsrc static" in page
    assert "by system" in page


def test_a_long_time_line_is_cut_and_leads_to_all_events(admin: Client) -> None:
    node = machines.make_node(1)
    NodeEvent.objects.bulk_create(
        NodeEvent(node=node, actor="node", kind=EventKind.PROGRESS, message=f"Report {n}.")
        for n in range(205)
    )
    response = admin.get(node_url(node))
    assert "Report 204." in text_of(response)
    assert "Report 4." not in text_of(response)
    rest = f"{reverse('admin:nodes_nodeevent_changelist')}?node__exact={node.pk}"
    assert rest in response.content.decode()
    assert "205 events" in text_of(admin.get(rest))


def test_events_of_other_nodes_are_not_among_a_nodes_own(
    admin: Client, fleet: dict[str, Node]
) -> None:
    url = f"{reverse('admin:nodes_nodeevent_changelist')}?node__exact={fleet['ready'].pk}"
    page = text_of(admin.get(url))
    assert fleet["ready"].serial in page
    assert fleet["in_use"].serial not in page


def test_hostile_text_is_shown_as_text_everywhere(admin: Client) -> None:
    node = machines.make_node(
        1,
        NodeStatus.REGISTER_FAILED,
        vendor=HOSTILE,
        product_name=HOSTILE,
        serial=HOSTILE,
        reason=HOSTILE,
        advice=HOSTILE,
        step=HOSTILE[:30],
        warnings=[HOSTILE],
        bios_vendor=HOSTILE,
    )
    machines.give_parts(node)
    node.disks.update(model=HOSTILE, serial=HOSTILE)
    node.interfaces.update(driver=HOSTILE, firmware=HOSTILE)
    node.memory_modules.update(part_number=HOSTILE)
    node.processors.update(model=HOSTILE)
    event = NodeEvent.objects.create(
        node=node, actor="node", kind=EventKind.FAILURE, message=HOSTILE, log_tail=HOSTILE
    )
    urls = [
        node_url(node),
        reverse("admin:index"),
        reverse("admin:nodes_nodeevent_changelist"),
        reverse("admin:nodes_nodeevent_change", args=[event.pk]),
        reverse("admin:nodes_node_do", args=[node.pk, "retire"]),
        reverse("admin:nodes_node_raw", args=[node.pk]),
    ]
    for url in urls:
        response = admin.get(url)
        html = response.content.decode()
        assert response.status_code == 200
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert "&lt;script&gt;" in html, url


def test_the_page_costs_a_fixed_number_of_queries(admin: Client) -> None:
    small, large = machines.make_node(1), machines.make_node(2)
    machines.give_bmc(small)
    machines.give_bmc(large)
    machines.give_parts(large)
    machines.give_time_line(large)
    assert _queries(admin, small) == _queries(admin, large) <= 22


def test_zone_and_flavor_are_set_with_an_event_that_names_the_operator(
    admin: Client, fleet: dict[str, Node]
) -> None:
    node = fleet["ready"]
    flavor = Flavor.objects.create(name="storage-2u")
    zone = machines.make_zone("az2", ["10.2.0.0/16"])
    response = admin.post(node_url(node), {"zone": zone.pk, "flavor": flavor.pk, "_continue": "1"})
    assert response.status_code == 302
    node.refresh_from_db()
    assert (node.zone, node.flavor) == (zone, flavor)
    event = NodeEvent.objects.filter(node=node).latest("id")
    assert (event.actor, event.kind) == ("ada", EventKind.OPERATOR)
    assert event.message == "Zone az1 became az2; flavor compute-1u became storage-2u."
    assert LogEntry.objects.get().object_id == str(node.pk)


def test_rack_and_unit_are_set_with_an_event(admin: Client, fleet: dict[str, Node]) -> None:
    node = fleet["ready"]
    fields = {"zone": node.zone_id, "flavor": node.flavor_id, "rack": " R12 ", "unit": "4"}
    assert admin.post(node_url(node), fields).status_code == 302
    node.refresh_from_db()
    assert (node.rack, node.unit, node.place) == ("R12", 4, "R12 U4")
    event = NodeEvent.objects.filter(node=node).latest("id")
    assert (event.actor, event.message) == ("ada", "Place none became R12 U4.")
    assert "R12 U4" in text_of(admin.get(list_url()))


@pytest.mark.parametrize(
    ("rack", "unit", "words"),
    [
        ("", "4", "Unit 4 needs a rack."),
        ("R1", "0", "0 is no unit; units are counted from 1 to 99."),
        ("R1", "100", "100 is no unit; units are counted from 1 to 99."),
    ],
)
def test_a_place_that_cannot_be_comes_back_with_a_sentence(
    admin: Client, fleet: dict[str, Node], rack: str, unit: str, words: str
) -> None:
    node = fleet["ready"]
    assert words in text_of(admin.post(node_url(node), {"rack": rack, "unit": unit}))
    node.refresh_from_db()
    assert (node.rack, node.unit) == ("", None)


def test_a_place_that_another_node_has_is_told(admin: Client, fleet: dict[str, Node]) -> None:
    node, other = fleet["ready"], fleet["in_use"]
    Node.objects.filter(pk=other.pk).update(rack="R12", unit=4)
    fields = {"zone": node.zone_id, "flavor": node.flavor_id, "rack": "R12", "unit": "4"}
    page = text_of(admin.post(node_url(node), fields, follow=True))
    assert f"Node {other.pk} ({other}) is said to be in R12 U4 too." in page
    Node.objects.filter(pk=other.pk).update(status=NodeStatus.RETIRED)
    assert "R12 U4 too" not in text_of(admin.post(node_url(node), fields, follow=True))


def test_nothing_but_zone_and_flavor_can_be_posted(admin: Client, fleet: dict[str, Node]) -> None:
    node = fleet["ready"]
    before = Node.objects.values().get(pk=node.pk)
    fields = {"status": "RETIRED", "serial": "mine", "uuid": "", "address": "1.2.3.4"}
    place = {"zone": node.zone_id, "flavor": node.flavor_id}
    admin.post(node_url(node), {**place, **fields, "_continue": "1"})
    assert Node.objects.values().get(pk=node.pk) == before
    assert not NodeEvent.objects.filter(node=node, kind=EventKind.OPERATOR).exists()


def test_a_viewer_sees_the_page_and_changes_nothing(viewer: Client, fleet: dict[str, Node]) -> None:
    node = fleet["ready"]
    response = viewer.get(node_url(node))
    assert node.serial in text_of(response)
    assert "Retire" not in text_of(response)
    assert 'name="_continue"' not in response.content.decode()
    assert viewer.post(node_url(node), {"zone": "", "flavor": ""}).status_code == 403
    node.refresh_from_db()
    assert node.zone is not None


def test_raw_inventory_has_a_page_of_its_own_for_whoever_may_see_it(
    admin: Client, viewer: Client, fleet: dict[str, Node]
) -> None:
    url = reverse("admin:nodes_node_raw", args=[fleet["ready"].pk])
    assert url in admin.get(node_url(fleet["ready"])).content.decode()
    assert "SMBIOS 3.2.0 present." in text_of(admin.get(url))
    assert "== eno1np0 driver: bnxt_en" in text_of(admin.get(url))
    assert url not in viewer.get(node_url(fleet["ready"])).content.decode()
    assert viewer.get(url).status_code == 403
    user = User.objects.get(username="vic")
    user.user_permissions.add(Permission.objects.get(codename="view_rawinventory"))
    assert viewer.get(url).status_code == 200


def test_raw_inventory_is_escaped_cut_and_downloaded_whole(admin: Client) -> None:
    node = machines.make_node(1)
    text = b"<script>alert(1)</script>\x1b[2J" + b"x" * 100_000 + b"THE END"
    RawInventory.objects.create(
        node=node, received_at=node.last_seen, dmidecode=text, lsblk=b"\xff\xfe", ip_link=b""
    )
    url = reverse("admin:nodes_node_raw", args=[node.pk])
    html = admin.get(url).content.decode()
    assert "<script>alert" not in html
    assert "\x1b" not in html
    assert "THE END" not in html
    assert "Cut here" in html
    response = admin.get(f"{url}dmidecode/")
    assert response.content == text
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["Content-Disposition"].startswith("attachment;")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert admin.get(f"{url}shadow/").status_code == 404


def test_a_node_that_does_not_exist_leads_back_with_a_message(admin: Client) -> None:
    response = admin.get("/admin/nodes/node/4711/change/", follow=True)
    assert "exist" in text_of(response)


def _queries(client: Client, node: Node) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(node_url(node)).status_code == 200
    return len(captured)
