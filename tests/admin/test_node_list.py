"""The list of nodes: what it shows, how it is searched, and what it costs."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from nodes.models import Node
from nodes.states import NodeStatus
from tests.admin import fleet as machines
from tests.admin.pages import list_url, text_of, told

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


def test_the_list_shows_the_columns_an_operator_looks_for(
    admin: Client, fleet: dict[str, Node]
) -> None:
    page = text_of(admin.get(list_url()))
    node = fleet["ready"]
    for title in ("UUID", "Serial", "Vendor", "Product name", "Flavor", "Availability zone"):
        assert title in page
    for title in ("IPMI IP", "Status", "Last seen"):
        assert title in page
    for value in (node.uuid, node.serial, node.vendor, node.product_name, node.flavor, node.zone):
        assert str(value) in page
    assert str(node.bmc.address) in page
    assert "READY" in page


def test_the_newest_node_comes_first(admin: Client, fleet: dict[str, Node]) -> None:
    html = admin.get(list_url()).content.decode()
    shown = [int(key) for key in re.findall(r'href="/admin/nodes/node/(\d+)/change/', html)]
    assert shown == sorted((node.pk for node in fleet.values()), reverse=True)


def test_a_failed_node_says_step_and_reason_in_the_list(
    admin: Client, fleet: dict[str, Node]
) -> None:
    page = text_of(admin.get(list_url()))
    assert "confirm: The BMC at" in page


@pytest.mark.parametrize(
    "query",
    ["{serial}", "{part}", "{uuid}", "{address}", "{start}", "{vendor} {part}", "{lower}"],
)
def test_a_node_is_found_by(query: str, admin: Client, fleet: dict[str, Node]) -> None:
    node = fleet["ready"]
    words = query.format(
        serial=node.serial,
        part=node.serial[4:],
        uuid=node.uuid,
        address=node.bmc.address,
        start=str(node.bmc.address)[:-1],
        vendor=node.vendor.split()[0],
        lower=node.serial.lower(),
    )
    page = text_of(admin.get(list_url(), {"q": words}))
    assert node.serial in page
    assert fleet["maintenance"].serial not in page or query == "{start}"


def test_a_search_that_fits_nothing_says_so_and_offers_the_whole_list(
    admin: Client, fleet: dict[str, Node]
) -> None:
    page = text_of(admin.get(list_url(), {"q": "no-such-serial"}))
    assert "No nodes fit this search" in page
    assert "Show all" in page


def test_wildcards_of_sql_are_searched_for_as_they_are(
    admin: Client, fleet: dict[str, Node]
) -> None:
    assert "No nodes fit" in text_of(admin.get(list_url(), {"q": "%"}))
    assert "No nodes fit" in text_of(admin.get(list_url(), {"q": "_"}))


def test_a_search_that_is_too_long_is_refused_with_a_sentence(admin: Client) -> None:
    response = admin.get(list_url(), {"q": "x" * 201})
    assert response.status_code == 302
    assert told(response) == ["A search has at most 200 characters."]


def test_the_strip_counts_each_status_and_filters_by_it(
    admin: Client, fleet: dict[str, Node]
) -> None:
    machines.make_node(50)
    html = admin.get(list_url()).content.decode()
    assert re.search(r'status__exact=READY"[^>]*>\s*<b>2</b> READY', html)
    filtered = text_of(admin.get(list_url(), {"status__exact": "MAINTENANCE"}))
    assert fleet["maintenance"].serial in filtered
    assert fleet["ready"].serial not in filtered


def test_nodes_are_filtered_by_when_they_were_seen_last(
    admin: Client, fleet: dict[str, Node]
) -> None:
    old = machines.make_node(60, last_seen=timezone.now() - timedelta(days=9))
    page = text_of(admin.get(list_url(), {"seen": "week-ago"}))
    assert old.serial in page
    assert fleet["ready"].serial not in page
    assert old.serial not in text_of(admin.get(list_url(), {"seen": "week"}))


def test_the_number_of_queries_does_not_grow_with_the_nodes(admin: Client) -> None:
    machines.give_bmc(machines.make_node(1))
    few = _queries(admin)
    for number in range(2, 40):
        machines.give_bmc(machines.make_node(number))
    assert _queries(admin) == few
    assert few <= 10  # session and user among them


def test_the_list_never_counts_the_table_or_reads_a_secret(admin: Client) -> None:
    machines.give_bmc(machines.make_node(1))
    with CaptureQueriesContext(connection) as captured:
        admin.get(list_url())
    for query in captured.captured_queries:
        assert '"nodes_bmc"."password"' not in query["sql"]
        assert '"nodes_bmc"."pending_password"' not in query["sql"]
        assert not re.search(r'COUNT\(\*\).*FROM "nodes_node"', query["sql"])


def test_text_from_a_machine_is_shown_and_never_run(admin: Client) -> None:
    machines.make_node(
        1, NodeStatus.REGISTER_FAILED, product_name=HOSTILE, vendor=HOSTILE, reason=HOSTILE
    )
    html = admin.get(list_url()).content.decode()
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_text_that_runs_from_right_to_left_is_kept_apart(admin: Client) -> None:
    machines.make_node(1, product_name="\u202eevil\u2066 \u05d0\u05d1\u05d2")
    html = admin.get(list_url()).content.decode()
    assert re.search(r"<bdi[^>]*>[^<]*\u05d0", html)
    assert "\u202e" not in html


def test_a_long_name_is_cut_and_whole_in_its_title(admin: Client) -> None:
    machines.make_node(1, product_name="P" * 200)
    html = admin.get(list_url()).content.decode()
    assert f'title="{"P" * 200}"' in html
    assert ">" + "P" * 35 + "…<" in html


def test_nobody_adds_or_deletes_a_node(admin: Client, fleet: dict[str, Node]) -> None:
    key = fleet["ready"].pk
    assert admin.get("/admin/nodes/node/add/").status_code == 403
    assert admin.post(f"/admin/nodes/node/{key}/delete/", {"post": "yes"}).status_code == 403
    html = admin.get(list_url()).content.decode()
    assert "delete_selected" not in html
    assert "/admin/nodes/node/add/" not in html


def test_an_empty_list_says_what_to_do_first(admin: Client) -> None:
    page = text_of(admin.get(list_url()))
    assert "No nodes yet" in page
    assert "/ipxe/<uuid>" in page
    assert "Enrolment" in page
    assert "Done:" not in page
    machines.make_zone()
    assert "Done: Availability zone" in text_of(admin.get(list_url()))


def test_somebody_without_permission_sees_no_nodes(db: None, client: Client) -> None:
    response = client.get(list_url())
    assert response.status_code == 302
    assert "/admin/login/" in response["Location"]


def test_a_viewer_is_offered_no_actions(viewer: Client, fleet: dict[str, Node]) -> None:
    html = viewer.get(list_url()).content.decode()
    assert fleet["ready"].serial in html
    assert 'value="retire"' not in html


def _queries(client: Client) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(list_url()).status_code == 200
    return len(captured)


def test_nodes_are_sorted_and_found_by_their_place(admin: Client, db: None) -> None:
    places = [("R10", 2), ("R2", 30), ("R2", 4), ("", None)]
    for number, (rack, unit) in enumerate(places, start=1):
        machines.make_node(number, rack=rack, unit=unit)
    column = 1 + 7  # the box of the selection, then UUID to zone
    page = text_of(admin.get(f"{list_url()}?o={column - 1}"))
    assert page.index("R2 U4") < page.index("R2 U30") < page.index("R10 U2")
    assert "R10 U2" not in text_of(admin.get(f"{list_url()}?rack=R2"))
    assert "1 node" in text_of(admin.get(f"{list_url()}?q=r10"))
    nowhere = text_of(admin.get(f"{list_url()}?rack=-"))
    assert "R2 U4" not in nowhere
    assert "S263366X9C28" not in nowhere or "J301A" in nowhere
