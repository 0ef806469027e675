"""The round-up: who came through, who did not and why, and where to walk."""

import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from nodes.models import ExpectedMachine, Node, NodeEvent
from nodes.roundup import round_up, span_of
from nodes.states import NodeStatus
from tests.admin import fleet as machines
from tests.admin.pages import text_of, told

URL = "/admin/nodes/node/round-up/"
HOSTILE = "<script>alert(1)</script>\"'{{7*7}}"


def moved(node: Node, hours: float = 1, to: str = "", before: str = "REGISTERING") -> None:
    """Let a node have come to its status so many hours ago."""
    NodeEvent.objects.create(
        node=node,
        at=timezone.now() - timedelta(hours=hours),
        actor="system",
        kind="status",
        from_status=before,
        to_status=to or node.status,
        message="moved",
    )


def failed(number: int, rack: str, unit: int | None, issue: str = "WIRE-001", **more: str) -> Node:
    """A node that failed an hour ago."""
    fields = {"step": "wiring", "reason": f"eno1 of {number} has no link.", "advice": ""} | more
    node = machines.make_node(
        number, NodeStatus.REGISTER_FAILED, rack=rack, unit=unit, issue=issue, **fields
    )
    moved(node)
    return node


def test_the_batch_is_counted_and_failures_are_grouped_by_reason(admin: Client) -> None:
    for number in (1, 2):
        moved(machines.make_node(number))
    moved(machines.make_node(3, NodeStatus.IN_USE), to="READY")
    for number in range(4, 8):
        failed(number, "R1", number)
    failed(8, "R1", 8, "BMC-001", step="confirm", reason="The BMC did not answer.")
    moved(machines.make_node(9, NodeStatus.QUARANTINED, issue="ID-003"))
    moved(machines.make_node(10, NodeStatus.REGISTERING, step="firmware"))
    page = text_of(admin.get(URL))
    for words in ("3 REGISTERED", "5 FAILED", "1 QUARANTINED", "1 STILL REGISTERING"):
        assert words in page
    assert "4 WIRE-001 No link: no cable" in page
    assert "1 BMC-001 The BMC does not answer over the network" in page
    assert page.index("4 WIRE-001") < page.index("1 BMC-001") < page.index("Where to walk")
    assert "Still at step firmware." in page


def test_the_walk_is_sorted_as_people_count(db: None) -> None:
    places = [("R10", 1), ("R2", 30), ("", None), ("R2", 4), ("r1", 9)]
    for number, (rack, unit) in enumerate(places, start=1):
        failed(number, rack, unit)
    stops = round_up(span_of()).stops
    assert [stop.place for stop in stops] == ["r1 U9", "R2 U4", "R2 U30", "R10 U1", ""]


def test_where_two_zones_have_a_rack_of_one_name_the_walk_is_zone_by_zone(db: None) -> None:
    other = machines.make_zone("az2", ["10.2.0.0/16"])
    for number, (rack, zone) in enumerate((("R1", 1), ("R2", 1), ("R1", 2)), start=1):
        node = failed(number, rack, 1)
        if zone == 2:
            Node.objects.filter(pk=node.pk).update(zone=other)
    stops = round_up(span_of()).stops
    assert [(stop.zone, stop.rack) for stop in stops] == [
        ("az1", "R1"),
        ("az1", "R2"),
        ("az2", "R1"),
    ]


@pytest.mark.issue("EXP-012")
def test_what_was_expected_and_has_not_shown_up_is_on_the_walk(admin: Client) -> None:
    failed(1, "R2", 3)
    today = timezone.localdate()
    ExpectedMachine.objects.create(serial="LOST", model="R650", rack="R2", unit=2, due=today)
    ExpectedMachine.objects.create(serial="ANY", rack="R2", unit=5)
    ExpectedMachine.objects.create(serial="LATER", rack="R9", due=today + timedelta(days=2))
    page = text_of(admin.get(URL))
    assert "2 MISSING" in page
    assert "2 EXP-012 An expected machine has not shown up" in page
    assert page.index("LOST") < page.index("eno1 of 1 has no link") < page.index("ANY")
    assert page.count("Rack R2") == 1, "one walk to a rack, though the list does not say its zone"
    assert f"It was due on {today.isoformat()}, and has never registered." in page
    assert "LATER" not in page


def test_one_in_quarantine_is_not_missing_too(db: None) -> None:
    waiting = machines.make_node(1, NodeStatus.QUARANTINED, issue="ID-003")
    moved(waiting)
    ExpectedMachine.objects.create(serial=waiting.serial.lower(), rack="R1", unit=4)
    found = round_up(span_of())
    assert (found.quarantined, found.missing) == (1, 0)
    assert [stop.node for stop in found.stops] == [waiting]


def test_only_what_happened_in_the_span_counts(admin: Client) -> None:
    old, new = machines.make_node(1), machines.make_node(2)
    moved(old, hours=30)
    moved(new, hours=1)
    released = machines.make_node(3)
    moved(released, hours=1, before="IN_USE")
    failed(4, "R1", 1)
    node = machines.make_node(5, NodeStatus.REGISTER_FAILED, issue="BMC-001")
    moved(node, hours=40)
    page = text_of(admin.get(f"{URL}?hours=8"))
    assert "1 REGISTERED" in page
    assert "1 FAILED" in page
    assert "1 failed at another time and still does" in page
    assert "2 REGISTERED" in text_of(admin.get(f"{URL}?hours=72"))
    since = timezone.localtime() - timedelta(hours=32)
    until = timezone.localtime() - timedelta(hours=28)
    span = f"since={since:%Y-%m-%dT%H:%M}&until={until:%Y-%m-%dT%H:%M}"
    assert "1 REGISTERED 0 FAILED" in text_of(admin.get(f"{URL}?{span}"))


def test_machines_that_failed_nameless_or_were_taken_out_are_told(admin: Client) -> None:
    moved(machines.make_node(1, NodeStatus.MAINTENANCE), to="REGISTER_FAILED")
    row = machines.turn_away("4c4c4544-0051-3510-8052-b4c04f4a4b31")
    type(row).objects.update(granted=True, message="No disk.", step="inventory")
    page = text_of(admin.get(URL))
    assert "1 was taken out since (maintenance or retired)." in page
    assert "1 failed before it could register" in page


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("hours=x", "`hours` must be a number."),
        ("hours=9999", "A span has 1 to 744 hours."),
        ("since=nonsense", "'nonsense' is no time such as 2026-12-31T08:00."),
        ("since=2026-02-30T08:00", "is no time such as"),
        ("since=2026-01-02T00:00&until=2026-01-01T00:00", "The span must end after it begins."),
        ("since=2020-01-01T00:00", "A span has at most 31 days."),
    ],
)
def test_a_span_that_cannot_be_is_told_and_the_usual_one_shown(
    admin: Client, query: str, words: str
) -> None:
    response = admin.get(f"{URL}?{query}")
    assert any(words in message for message in told(response))
    assert "Nothing happened in this time" in text_of(response)


def test_nothing_to_tell_and_nobody_to_walk_are_said(admin: Client) -> None:
    assert "Nothing happened in this time" in text_of(admin.get(URL))
    moved(machines.make_node(1))
    assert "Nobody has to walk" in text_of(admin.get(URL))


def test_identify_lights_are_switched_from_the_list(admin: Client) -> None:
    node, other = failed(1, "R1", 1), failed(2, "R1", 2)
    machines.give_bmc(node, identify_on=True)
    machines.give_bmc(other)
    html = admin.get(URL).content.decode()
    assert f"/admin/nodes/node/{node.pk}/do/power_identify_off/" in html
    assert f"/admin/nodes/node/{other.pk}/do/power_identify_on/" in html
    keys = [str(node.pk), str(other.pk)]
    for key in keys:
        assert f'name="_selected_action" value="{key}"' in html
    fields = {"action": "power_identify_on", "_selected_action": keys}
    response = admin.post("/admin/nodes/node/", fields)
    assert response.status_code == 302
    assert "/powerrequest/batch/" in response["Location"]


def test_the_list_is_a_file_too_and_harmless_to_spreadsheets(admin: Client) -> None:
    failed(1, "R1", 7, reason='=cmd|"/c calc"!A1')
    failed(2, "=1+1", 8)
    response = admin.get(f"{URL}?hours=24&format=csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(StringIO(response.content.decode())))
    assert [(row["rack"], row["unit"], row["code"]) for row in rows] == [
        ("'=1+1", "8", "WIRE-001"),
        ("R1", "7", "WIRE-001"),
    ]
    assert not any(cell.startswith("=") for row in rows for cell in row.values())


def test_what_a_machine_says_is_escaped(admin: Client) -> None:
    failed(1, "R1", 1, reason=HOSTILE, advice=HOSTILE)
    assert "<script>alert" not in admin.get(URL).content.decode()


def test_the_page_takes_the_same_queries_for_many_machines(admin: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert admin.get(URL).status_code == 200
        return len(found)

    def add(numbers: range) -> None:
        for number in numbers:
            machines.give_bmc(failed(number, f"R{number}", number % 40 + 1))
            ExpectedMachine.objects.create(serial=f"S{number}", rack=f"Q{number}")

    add(range(1, 3))
    few = queries()
    add(range(3, 40))
    assert queries() == few


def test_viewers_see_it_and_switch_no_lights(viewer: Client, client: Client) -> None:
    machines.give_bmc(failed(1, "R1", 1))
    response = viewer.get(URL)
    assert "Where to walk" in text_of(response)
    assert "power_identify" not in response.content.decode()
    assert client.get(URL).status_code == 302
