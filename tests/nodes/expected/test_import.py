"""The list is taken from a file: all of it or nothing, and twice is the same as once."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bearman.lib.errors import Invalid
from nodes.models import AvailabilityZone, ExpectedMachine, Node, NodeEvent
from nodes.services.expected import expected_delete, expected_save
from nodes.services.expected_import import expected_check, expected_import, expected_lines
from nodes.services.placement import node_place
from nodes.services.zones import zone_ensure
from nodes.states import NodeStatus
from profiles.models import Flavor
from tests.nodes.expected.conftest import Import, Register
from tests.samples import Machine

TWO = "serial,model,rack,unit,zone,memory\nSN000001,R650,R1,4,z1,16x32\nSN000002,R650,R1,5,,\n"


def faults(text: str) -> list[str]:
    return [str(problem) for problem in expected_check(data=text.encode()).reading.problems]


def test_a_file_adds_machines_and_again_changes_nothing(imported: Import) -> None:
    plan = imported(TWO)
    assert plan.words == (
        "2 new, 0 changed, 0 as they were; 0 others on the list are not in the file and stay."
    )
    first = ExpectedMachine.objects.get(serial="SN000001")
    assert (first.model, first.place, str(first.zone), first.memory) == (
        *("R650", "R1 U4", "z1", "16x32"),
    )
    assert first.imported_by == "olga"
    again = imported(TWO)
    assert (len(again.new), len(again.changed), again.same) == (0, 0, 2)
    assert imported("serial\nsn000001\n").same == 1, "serial numbers have no case"


def test_a_check_changes_nothing(imported: Import) -> None:
    assert expected_check(data=TWO.encode()).is_good
    assert not ExpectedMachine.objects.exists()


def test_columns_that_a_file_lacks_stay_as_they_are(imported: Import) -> None:
    imported(TWO)
    plan = imported("serial,unit,rack\nSN000001,9,R1\n")
    assert [change.words for change in plan.changed] == [["unit 4 became 9"]]
    assert plan.others == 1
    row = ExpectedMachine.objects.get(serial="SN000001")
    assert (row.model, row.unit, row.memory) == ("R650", 9, "16x32")


def test_two_machines_can_swap_their_places(imported: Import) -> None:
    imported("serial,rack,unit,mac,asset_tag\na,R1,1,000000000001,t1\nb,R1,2,000000000002,t2\n")
    imported("serial,rack,unit,mac,asset_tag\na,R1,2,000000000002,t2\nb,R1,1,000000000001,t1\n")
    rows = ExpectedMachine.objects.order_by("serial")
    assert [(row.unit, row.mac[-1], row.asset_tag) for row in rows] == [
        (2, "2", "t2"),
        (1, "1", "t1"),
    ]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (
            "SN9,R1,4,z1,,,",
            "Line 2: The place R1 U4 is that of R650 SN000001, which is on the list",
        ),
        ("SN9,r1,4,z1,,,", "Line 2: The place r1 U4 is that of"),
        ("SN9,,,zz1,,,", "Line 2: There is no zone 'zz1'. Is z1 meant?"),
        ("SN9,,,hall,,,", "Line 2: There is no zone 'hall'. There is z1."),
        ("SN9,,,,computed,,", "Line 2: There is no flavor 'computed'. Is compute meant?"),
    ],
)
def test_what_cannot_be_is_told_by_its_line_and_nothing_is_imported(
    imported: Import, line: str, words: str
) -> None:
    imported(TWO)
    Flavor.objects.create(name="compute")
    text = f"serial,rack,unit,zone,flavor,mac,asset_tag\n{line}\nSN10,R9,1,,,,\n"
    assert words in faults(text)[0]
    with pytest.raises(Invalid, match="nothing was imported"):
        imported(text)
    assert ExpectedMachine.objects.count() == 2


def test_machines_of_one_file_cannot_share_serial_place_mac_or_tag(imported: Import) -> None:
    head = "serial,rack,unit,mac,asset_tag\n"
    assert faults(f"{head}a,R1,1,,\nA ,R1,2,,\n") == [
        "Line 3: Serial number A is on line 2 already."
    ]
    assert faults(f"{head}a,R1,1,,\nb,R1,1,,\n") == [
        "Line 3: The place R1 U1 is that of a on line 2."
    ]
    assert faults(f"{head}a,,,000000000001,\nb,,,000000000001,\n") == [
        "Line 3: The MAC address 00:00:00:00:00:01 is that of a on line 2."
    ]
    assert faults(f"{head}a,,,,T1\nb,,,,t1\n") == [
        "Line 3: The asset tag t1 is that of a on line 2."
    ]


def test_faults_are_told_in_the_order_of_the_lines(imported: Import) -> None:
    found = faults("serial,rack,unit,zone\na,R1,1,\nb,R1,1,\nc,,,nowhere\n")
    assert [words.partition(":")[0] for words in found] == ["Line 3", "Line 4"]


def test_one_rack_name_in_two_zones_is_two_racks(imported: Import) -> None:
    zone_ensure(name="z2", networks=["10.9.0.0/16"])
    imported("serial,rack,unit,zone\na,1,1,z1\nb,1,1,z2\n")
    assert ExpectedMachine.objects.count() == 2


def test_what_is_exported_can_be_imported(imported: Import) -> None:
    Flavor.objects.create(name="compute")
    imported(
        "serial,vendor,model,rack,unit,flavor,zone,memory,mac,asset_tag,due,note\n"
        "SN1,Dell,=R650,R1,4,compute,z1,16x32,b02628123456,A1,2026-12-01,+1 week\nSN2,,,,,,,,,,,\n"
    )
    text = "".join(expected_lines())
    assert "'=R650" in text
    plan = imported(text)
    assert (len(plan.new), len(plan.changed), plan.same) == (0, 0, 2)
    assert ExpectedMachine.objects.get(serial="SN1").model == "=R650"


def test_a_large_file_takes_few_queries(zone: AvailabilityZone) -> None:
    lines = "".join(f"S{n},R{n // 40},{n % 40 + 1}\n" for n in range(2000))
    data = f"serial,rack,unit\n{lines}".encode()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        expected_import(data=data, actor="olga")
    assert len(queries) < 20
    data = data.replace(b",R", b",Q")
    with CaptureQueriesContext(connection) as queries:
        assert len(expected_import(data=data, actor="olga").changed) == 2000
    assert len(queries) < 20


def test_a_node_that_was_there_first_is_found_by_its_serial(
    imported: Import, register: Register
) -> None:
    node = register(Machine(1))
    plan = imported(TWO)
    assert plan.linked == 1
    row = ExpectedMachine.objects.get(serial="SN000001")
    assert (row.node, row.arrived_at) == (node, node.first_seen)
    node.refresh_from_db()
    assert node.place == "R1 U4"
    told = NodeEvent.objects.filter(node=node).latest("id")
    assert (told.actor, told.message) == (
        "olga",
        "By the list of expected machines: place none became R1 U4.",
    )


def test_an_arrived_node_follows_the_list_where_nobody_has_set_another_value(
    imported: Import, register: Register
) -> None:
    compute, storage = (Flavor.objects.create(name=name) for name in ("compute", "storage"))
    imported("serial,rack,unit,flavor\nSN000001,R1,4,compute\n")
    node = register(Machine(1))
    assert (node.place, node.flavor) == ("R1 U4", compute)
    imported("serial,rack,unit,flavor\nSN000001,R2,5,storage\n")
    node.refresh_from_db()
    assert (node.place, node.flavor) == ("R2 U5", storage)
    node_place(node=node, zone=node.zone, flavor=storage, rack="R3", unit=6, actor="ada")
    imported("serial,rack,unit,flavor\nSN000001,R4,7,compute\n")
    node.refresh_from_db()
    assert (node.place, node.flavor) == ("R3 U6", compute), "ada set the place by hand"
    imported("serial,rack,unit,flavor\nSN000001,,,\n")
    node.refresh_from_db()
    assert (node.place, node.flavor) == ("R3 U6", compute), "what is not said is no order"


def test_one_machine_is_written_by_hand(zone: AvailabilityZone, register: Register) -> None:
    row = ExpectedMachine(serial=" sn000001 ", rack="R1", unit=4, memory="4 x 32", zone=zone)
    expected_save(machine=row, actor="ada")
    assert (row.serial, row.memory, row.imported_by) == ("sn000001", "4x32", "ada")
    node = register(Machine(1))
    row.refresh_from_db()
    assert row.node == node
    row.unit = 5
    expected_save(machine=row, actor="ada")
    node.refresh_from_db()
    assert node.unit == 5
    for wrong, words in (
        (ExpectedMachine(serial="SN000001"), "Another expected machine has this serial number."),
        (ExpectedMachine(serial="x", rack="R1", unit=5, zone=zone), "has this place."),
        (ExpectedMachine(serial="x", unit=5), "Unit 5 needs a rack."),
        (ExpectedMachine(serial="x", memory="lots"), "is no memory such as 16x32"),
        (ExpectedMachine(serial="x", mac="00"), "is no MAC address"),
        (ExpectedMachine(serial=""), "This field cannot be blank."),
    ):
        with pytest.raises(Invalid, match=words):
            expected_save(machine=wrong, actor="ada")
    expected_delete(machine=row)
    assert Node.objects.get(pk=node.pk).status == NodeStatus.REGISTERING
