"""The pages on expected machines: the list, the import with its check, and the files."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from nodes.models import ExpectedImport, ExpectedMachine, Finding, Node
from nodes.states import NodeStatus
from tests.admin import fleet as machines
from tests.admin.conftest import logged_in
from tests.admin.pages import text_of, told

URL = "/admin/nodes/expectedmachine/"
GOOD = "serial,vendor,model,rack,unit,due\nSN2,Dell,R650,R10,2,2020-01-01\nSN1,Dell,R650,R2,40,\n"
HOSTILE = "<script>alert(1)</script>\"'{{7*7}}"


def upload(client: Client, text: str, name: str = "list.csv") -> str:
    """Give a file; returns the address of its check."""
    response = client.post(f"{URL}import/", {"file": SimpleUploadedFile(name, text.encode())})
    assert response.status_code == 302
    return str(response["Location"])


def test_a_file_is_checked_and_then_imported(admin: Client) -> None:
    check = upload(admin, GOOD)
    page = text_of(admin.get(check))
    assert "2 new, 0 changed, 0 as they were" in page
    assert "SN2 Dell R650 R10 U2" in page
    assert not ExpectedMachine.objects.exists(), "a check writes nothing"
    response = admin.post(check)
    assert response["Location"] == f"{URL}?state=all"
    assert told(response)[0].startswith("list.csv was imported: 2 new,")
    row = ExpectedMachine.objects.get(serial="SN1")
    assert (row.imported_by, row.place) == ("ada", "R2 U40")
    assert LogEntry.objects.count() == 1
    assert "list.csv ada" in text_of(admin.get(f"{URL}import/"))
    kept = ExpectedImport.objects.get()
    assert admin.get(f"{URL}import/{kept.pk}/file/").content.decode() == GOOD
    assert "There is nothing to import." in text_of(admin.get(upload(admin, GOOD)))


def test_each_fault_is_shown_by_its_line_and_nothing_is_imported(admin: Client) -> None:
    check = upload(admin, f"serial,unit,rack\na,x,R1\n{HOSTILE},7,\n")
    response = admin.get(check)
    page = text_of(response)
    assert "It has 2 faults; nothing was written." in page
    assert "2 unit: 'x' is no unit; units are counted from 1 to 99." in page
    assert "3 Unit 7 needs a rack." in page
    assert "<script>alert" not in response.content.decode()
    response = admin.post(check)
    assert "nothing was imported" in told(response)[0]
    assert not ExpectedMachine.objects.exists()


def test_what_changes_is_shown_before_it_does(admin: Client) -> None:
    admin.post(upload(admin, GOOD))
    page = text_of(admin.get(upload(admin, f"serial,unit,rack,note\nSN1,7,R2,{HOSTILE}\n")))
    words = "0 new, 1 changed, 0 as they were; 1 other on the list is not in the file and stays."
    assert words in page
    assert "unit 40 became 7" in page
    assert f"note none became {HOSTILE}" in page


def test_the_page_without_a_file_says_so(admin: Client) -> None:
    response = admin.post(f"{URL}import/", {})
    assert told(response) == ["Choose a file first."]
    assert "serial,vendor,model,rack,unit" in text_of(response)


def test_a_file_that_is_gone_is_asked_for_again(admin: Client) -> None:
    check = upload(admin, GOOD)
    ExpectedImport.objects.update(at=timezone.now() - timedelta(days=2))
    upload(admin, "serial\nother\n")
    response = admin.get(check)
    assert response["Location"] == f"{URL}import/"
    assert "not kept any more" in told(response)[0]


def test_the_list_begins_with_what_has_not_shown_up_in_the_order_of_racks(admin: Client) -> None:
    admin.post(upload(admin, GOOD))
    ExpectedMachine.objects.create(serial="SN3", node=machines.make_node(1))
    page = text_of(admin.get(URL))
    assert "2 Not seen yet 1 Late 1 Arrived 0 Not as expected 3 All" in page
    assert page.index("R2 U40") < page.index("R10 U2")
    assert "days late" in page
    assert "SN3" not in page
    assert "SN3" in text_of(admin.get(f"{URL}?state=arrived"))
    assert "SN1" not in text_of(admin.get(f"{URL}?state=late"))
    assert "0 expected machines" in text_of(admin.get(f"{URL}?state=unlike"))
    assert "SN1" in text_of(admin.get(f"{URL}?state=nonsense")), "an unknown choice is none"


def test_one_in_quarantine_leads_to_the_desk(admin: Client) -> None:
    waiting = machines.make_node(1, NodeStatus.QUARANTINED)
    ExpectedMachine.objects.create(serial=waiting.serial.lower(), rack="R1", unit=4)
    response = admin.get(URL)
    assert f"QUARANTINED node {waiting.pk}" in text_of(response)
    assert f"/admin/nodes/quarantinednode/{waiting.pk}/change/" in response.content.decode()


def test_what_is_not_as_expected_is_shown_with_its_code(admin: Client) -> None:
    node = machines.make_node(1)
    ExpectedMachine.objects.create(serial="SN3", node=node, arrived_at=timezone.now())
    Finding.objects.create(
        node=node, source="expected", issue="EXP-002", severity="error", message="B7 is empty."
    )
    Finding.objects.create(node=node, source="wiring", issue="WIRE-001", severity="error")
    page = text_of(admin.get(f"{URL}?state=unlike"))
    assert "EXP-002 B7 is empty." in page
    assert "WIRE-001" not in page
    assert f"READY node {node.pk}" in page


def test_the_list_takes_the_same_queries_for_many_machines(admin: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert admin.get(f"{URL}?state=all").status_code == 200
        return len(found)

    def add(numbers: range) -> None:
        for number in numbers:
            node = machines.make_node(number)
            ExpectedMachine.objects.create(serial=f"S{number}", node=node)
            Finding.objects.create(node=node, source="expected", issue="EXP-001", severity="error")

    add(range(1, 3))
    few = queries()
    add(range(3, 30))
    assert queries() == few


def test_a_machine_is_added_changed_and_taken_off_by_hand(admin: Client) -> None:
    fields = {"serial": "SN9", "memory": "16 x 32", "rack": "R1", "unit": "3"}
    assert admin.post(f"{URL}add/", fields).status_code == 302
    row = ExpectedMachine.objects.get()
    assert (row.memory, row.imported_by) == ("16x32", "ada")
    again = text_of(admin.post(f"{URL}add/", {"serial": "sn9"}))
    assert "Another expected machine has this serial number." in again
    change = f"{URL}{row.pk}/change/"
    assert "Unit 3 needs a rack." in text_of(admin.post(change, {**fields, "rack": ""}))
    assert admin.post(change, {**fields, "unit": "4"}).status_code == 302
    row.refresh_from_db()
    assert row.unit == 4
    admin.post(f"{URL}{row.pk}/delete/", {"post": "yes"})
    assert not ExpectedMachine.objects.exists()


def test_the_empty_list_says_what_it_is_for(admin: Client) -> None:
    page = text_of(admin.get(URL))
    assert "This list says what should arrive" in page
    assert "Import a CSV file" in page


def test_files_are_sent(admin: Client) -> None:
    admin.post(upload(admin, GOOD))
    export = admin.get(f"{URL}export/")
    assert export["Content-Type"] == "text/csv; charset=utf-8"
    assert "SN1,Dell,R650,R2,40" in export.content.decode()
    assert admin.get(f"{URL}sample/").content.startswith(b"serial,vendor,model")


@pytest.mark.parametrize("path", ["", "import/", "export/", "sample/"])
def test_who_may_not_see_the_list_gets_none_of_it(viewer: Client, path: str) -> None:
    assert viewer.get(f"{URL}{path}").status_code == 403


def test_importing_needs_the_permissions_to_add_and_to_change(db: None) -> None:
    user = User.objects.create_user("vic", password="x", is_staff=True)
    names = ("view_expectedmachine", "add_expectedmachine")
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client = logged_in(user)
    assert "Import CSV" not in text_of(client.get(URL))
    assert client.post(f"{URL}import/", {}).status_code == 403
    user.user_permissions.add(Permission.objects.get(codename="change_expectedmachine"))
    client = logged_in(user)
    assert "Import CSV" in text_of(client.get(URL))
    client.post(upload(client, GOOD))
    assert ExpectedMachine.objects.count() == 2
    assert Node.objects.count() == 0
