"""Wiring plans, cables and the card on a node's page."""

import random

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from nodes.models import Cable, WiringPlan
from nodes.services.cables import cables_import
from tests.admin.pages import text_of, told
from tests.nodes.wiring.fabric import machine_at
from tests.nodes.wiring.outputs import raw_wiring
from tests.nodes.wiring.rig import node_made, plan_made, sent

PLANS, CABLES = "/admin/nodes/wiringplan/", "/admin/nodes/cable/"
HEAD = "rack,unit,serial,interface,switch,port,speed,vlan,mtu\n"
FIELDS = {
    "name": "pairs",
    "rack_pattern": "*",
    "priority": "0",
    "patterns": "eno1 -> leaf-{rack}a:{unit}",
    "links": "0",
    "switches": "0",
}


def csv(text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("cables.csv", text.encode(), content_type="text/csv")


def test_empty_lists_say_what_they_are_for(admin: Client) -> None:
    assert "a machine that registers is refused while a cable is wrong" in text_of(admin.get(PLANS))
    assert "Import CSV" in text_of(admin.get(CABLES))
    assert "where one interface of one machine leads" in text_of(admin.get(CABLES))


def test_a_plan_is_added_and_its_page_shows_what_it_means(admin: Client) -> None:
    assert admin.post(f"{PLANS}add/", FIELDS).status_code == 302
    plan = WiringPlan.objects.get()
    page = text_of(admin.get(f"{PLANS}{plan.pk}/change/"))
    assert "an invented machine (rack r1 unit 7)" in page
    assert "eno1 leaf-r1a 7" in page
    assert "eno1 -> leaf-{rack}a:{unit}" in text_of(admin.get(PLANS))


def test_a_preview_shows_a_real_machine_and_saves_nothing(admin: Client) -> None:
    node = node_made(machine_at("r5", 12, "{}", "sfp"))
    cables_import(text=f"{HEAD}r5,12,,eno2,leaf-x,3,,,\n")
    fields = {**FIELDS, "speed": "25", "_preview": "1", "example": str(node.pk)}
    page = text_of(admin.post(f"{PLANS}add/", fields))
    assert "eno1 leaf-r5a 12 25 Gb/s" in page
    assert "eno2 leaf-x 3 25 Gb/s (list of cables)" in page
    assert not WiringPlan.objects.exists()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"patterns": "eno1 leaf:1"}, "Line 1: Write INTERFACE -> SWITCH:PORT"),
        ({"patterns": ""}, "Plan pairs asks for nothing. Give it a pattern, or a rule."),
        ({"vlan": "5000"}, "vlan is from 1 to 4094, not 5000"),
        ({"links": "1", "switches": "2"}, "demands 2 switches for 1 links"),
    ],
)
def test_a_plan_that_makes_no_sense_comes_back_with_the_reason(
    admin: Client, fields: dict[str, str], words: str
) -> None:
    for extra in ({}, {"_preview": "1"}):
        assert words in text_of(admin.post(f"{PLANS}add/", {**FIELDS, **fields, **extra}))
    assert not WiringPlan.objects.exists()


def test_a_plan_is_deleted(admin: Client) -> None:
    plan = plan_made()
    admin.post(f"{PLANS}{plan.pk}/delete/", {"post": "yes"})
    assert not WiringPlan.objects.exists()


def test_a_file_is_checked_first_and_imported_then(admin: Client) -> None:
    text = f"{HEAD}r1,7,,eno1,leaf-r1a,7,25,100,9000\n,,SN1,eno1,leaf-r1b,8,,,\n"
    checked = admin.post(f"{CABLES}import/", {"file": csv(text)})
    assert "No line is wrong: 2 new, 0 changed, 0 as they were." in text_of(checked)
    assert not Cable.objects.exists()
    written = admin.post(f"{CABLES}import/", {"text": text, "write": "1"})
    assert told(written) == ["Cables imported: 2 new, 0 changed, 0 as they were."]
    assert Cable.objects.count() == 2
    assert LogEntry.objects.get().change_message.startswith("Cables imported: 2 new")
    page = text_of(admin.get(CABLES))
    assert "rack r1 unit 7 eno1 leaf-r1a 7 25 Gb/s 100 9000" in page
    assert admin.get(f"{CABLES}export/").content.decode() == f"{HEAD}{_body(text)}"


def _body(text: str) -> str:
    """The lines as the export orders them: those with a serial have no rack, and come first."""
    first, second = text.removeprefix(HEAD).splitlines()
    return f"{second}\n{first}\n"


def test_wrong_lines_are_told_by_number_and_nothing_is_written(admin: Client) -> None:
    text = f"{HEAD}r1,7,,eno1,leaf,7,,,\nr1,seven,,eno2,leaf,8,,,\nr1,8,,eno1,LEAF,07,,,\n"
    page = text_of(admin.post(f"{CABLES}import/", {"file": csv(text), "write": "1"}))
    assert "2 lines are wrong, so nothing would be written" in page
    assert "3 unit must be a whole number, not 'seven'." in page
    assert not Cable.objects.exists()


def test_a_file_that_is_none_is_refused_in_words(admin: Client) -> None:
    assert "Choose a CSV file." in text_of(admin.post(f"{CABLES}import/", {}))
    binary = SimpleUploadedFile("x", b"\xff\xfe\x00")
    assert "not UTF-8 text" in text_of(admin.post(f"{CABLES}import/", {"file": binary}))
    page = text_of(admin.post(f"{CABLES}import/", {"file": csv("a,b\n1,2\n")}))
    assert "The first line must name the columns" in page


def test_one_cable_is_added_changed_and_refused_where_its_port_is_taken(admin: Client) -> None:
    fields = {"rack": "r1", "unit": "7", "interface": "eno1", "switch": "leaf", "port": "Eth1/7"}
    assert admin.post(f"{CABLES}add/", fields).status_code == 302
    other = {**fields, "unit": "8", "port": "Ethernet1/7", "switch": "LEAF"}
    page = text_of(admin.post(f"{CABLES}add/", other))
    assert "There is a cable already: rack r1 unit 7 eno1 -> leaf:Eth1/7." in page
    page = text_of(admin.post(f"{CABLES}add/", {**fields, "serial": "SN1", "port": "9"}))
    assert "Give rack and unit, or the serial, and not both" in page
    cable = Cable.objects.get()
    admin.post(f"{CABLES}{cable.pk}/change/", {**fields, "port": "9"})
    assert Cable.objects.get().port_number == 9


def test_who_may_only_look_imports_nothing(viewer: Client) -> None:
    assert viewer.get(f"{CABLES}import/").status_code == 403
    assert viewer.get(f"{CABLES}export/").status_code == 403
    assert viewer.get(PLANS).status_code == 403


def test_a_nodes_page_shows_its_cables_beside_what_was_wanted(admin: Client) -> None:
    plan_made()
    machine = machine_at("r1", 7, "Ethernet1/{}", "sfp")
    machine.wires["eno1"].port = 9
    machine.wires["eno2"].up, machine.wires["eno2"].rx = False, [-40.0]
    machine.wires["ens1f0"].switch = "<script>alert(1)</script>"
    node = node_made(machine)
    url = f"/admin/nodes/node/{node.pk}/change/"
    assert "Its cables were not looked at yet" in text_of(admin.get(url))
    sent(node, raw_wiring(machine, random.Random(1)))
    answer = admin.get(url)
    page = text_of(answer)
    assert "eno1 (rack r1, unit 7) is on leaf-r1a" in page
    assert "WIRE-003 Cable is in the wrong port of the right switch" in page
    assert "out -1.5, in -40.0 dBm" in page
    assert "as planned" in page
    assert b"<script>alert" not in answer.content


def test_the_lists_take_the_same_queries_however_long_they_are(admin: Client) -> None:
    counts = []
    for number in (1, 60):
        lines = [f"r{n},7,,eno1,leaf{n},7,,,\n" for n in range(number)]
        cables_import(text=HEAD + "".join(lines))
        with CaptureQueriesContext(connection) as queries:
            admin.get(CABLES)
        counts.append(len(queries))
    assert counts[0] == counts[1]
