"""The pages on firmware."""

import io
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from nodes.models import Disk, FirmwareBaseline, FirmwareUpdate, NetworkInterface, Node, NodeEvent
from nodes.models.firmware import CanaryState, UpdateState
from tests.admin.conftest import logged_in
from tests.admin.fleet import give_parts, make_node
from tests.admin.pages import do, node_url, text_of, told
from tests.nodes.firmware_rig import baseline

BASELINES = "/admin/nodes/firmwarebaseline/"
FORM = {
    "name": "dell-bios",
    "component": "bios",
    "vendor_pattern": "Dell*",
    "product_pattern": "*R640",
    "model_pattern": "",
    "comparator": "dell",
    "wanted": "2.20.0",
    "match": "minimum",
    "tool": "vendor",
    "read_with": "",
    "words": "--quiet\n --slot=1 \n",
    "reboot": "on",
    "timeout_seconds": "600",
    "position": "100",
    "mode": "dry_run",
    "notes": "",
}


@pytest.fixture
def dells(db: None) -> list[Node]:
    """Three Dell machines, of which one is up to date, and one of another vendor."""
    nodes = [make_node(number) for number in (0, 4, 8, 1)]
    Node.objects.filter(pk=nodes[2].pk).update(bios_version="2.20.0")
    for node in nodes:
        give_parts(node)
    return nodes


def dell(**fields: Any) -> FirmwareBaseline:
    values = {"vendor_pattern": "Dell*", "product_pattern": "*", "wanted": "2.20.0"}
    return baseline("dell-bios", **(values | fields))


def page_of(row: FirmwareBaseline) -> str:
    return f"{BASELINES}{row.pk}/change/"


def test_an_empty_list_says_what_a_baseline_is(admin: Client) -> None:
    assert "No firmware baselines yet" in text_of(admin.get(BASELINES))
    assert "No firmware updates yet" in text_of(admin.get("/admin/nodes/firmwareupdate/"))


def test_the_list_says_how_many_nodes_are_behind(admin: Client, dells: list[Node]) -> None:
    dell()
    page = text_of(admin.get(BASELINES))
    assert "dell-bios BIOS Dell* · * 2.20.0 or newer on 2 of 3 1 —" in page


def test_the_list_asks_the_same_for_any_number(admin: Client, dells: list[Node]) -> None:
    dell()
    admin.get(BASELINES)
    with CaptureQueriesContext(connection) as few:
        admin.get(BASELINES)
    for number in range(6):
        baseline(f"b{number}")
    make_node(12)
    with CaptureQueriesContext(connection) as many:
        admin.get(BASELINES)
    assert len(many) == len(few)


def test_a_preview_names_the_nodes_before_anything_is_saved(
    admin: Client, dells: list[Node]
) -> None:
    page = text_of(admin.post(f"{BASELINES}add/", {**FORM, "_preview": "1"}))
    assert "2 of 3 behind, 1 up to date" in page
    assert dells[0].serial in page
    assert dells[2].serial not in page
    assert not FirmwareBaseline.objects.exists()


def test_a_preview_of_a_change_shows_the_change_and_saves_nothing(
    admin: Client, dells: list[Node]
) -> None:
    row = dell()
    fields = {**FORM, "wanted": "2.19.1", "_preview": "1"}
    page = text_of(admin.post(page_of(row), fields))
    assert "0 of 3 behind, 3 up to date" in page
    assert FirmwareBaseline.objects.get().wanted == "2.20.0"


def test_a_baseline_is_added_with_the_usual_reader(admin: Client) -> None:
    response = admin.post(f"{BASELINES}add/", FORM)
    assert response.status_code == 302, text_of(response)
    row = FirmwareBaseline.objects.get()
    assert (row.read_with, row.arguments, row.reboot) == (
        *("dmidecode", ["--quiet", "--slot=1"], True),
    )


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"mode": "on"}, "Nothing is applied without a file"),
        ({"wanted": "IVE164G-3.11"}, "Write it as Dell BIOS has it, such as 2.10.2 or A12."),
        ({"component": "nic"}, "Say which adapters or disks are meant."),
        ({"model_pattern": "x"}, "meant by vendor and product alone"),
        ({"comparator": "exact"}, "choose exactly this version"),
        ({"read_with": "lsblk"}, "says nothing of that"),
        ({"words": "a;b"}, "An argument has 1 to 200 letters"),
        ({"tool": "command", "words": ""}, "The first argument names the program"),
        ({"timeout_seconds": "5"}, "greater than or equal to 30"),
    ],
)
def test_what_is_wrong_with_a_baseline_stands_in_the_form(
    admin: Client, fields: dict[str, str], words: str
) -> None:
    page = text_of(admin.post(f"{BASELINES}add/", {**FORM, **fields}))
    assert words in page
    assert not FirmwareBaseline.objects.exists()


def test_a_file_is_given_on_a_page_of_its_own_and_compared_with_the_vendors_hash(
    admin: Client,
) -> None:
    admin.post(f"{BASELINES}add/", FORM)
    row = FirmwareBaseline.objects.get()
    url = f"{BASELINES}{row.pk}/file/"
    assert "The file that dell-bios applies" in text_of(admin.get(url))
    assert "Choose a file first." in told(admin.post(url))[0]
    wrong = admin.post(url, {"file": _file(), "sha256": "0" * 64})
    assert "which is not the given one" in told(wrong)[0]
    response = admin.post(url, {"file": _file()})
    row.refresh_from_db()
    assert told(response)[-1] == "dell-bios applies bios-2.20.exe from now on."
    assert row.artefact is not None
    assert default_storage.open(row.artefact.path).read() == b"new bios"
    assert row.artefact_sha256 in text_of(admin.get(page_of(row)))


def test_a_file_with_an_odd_name_gets_a_plain_one_and_an_empty_one_is_refused(
    admin: Client,
) -> None:
    admin.post(f"{BASELINES}add/", FORM)
    url = f"{BASELINES}{FirmwareBaseline.objects.get().pk}/file/"
    admin.post(url, {"file": _file(".BIOS 2.20 (a).exe")})
    assert FirmwareBaseline.objects.get().artefact_path.endswith("/BIOS_2.20_a_.exe")
    assert "is empty" in told(admin.post(url, {"file": _file(content=b"")}))[-1]


def test_the_page_of_a_baseline_shows_its_canary_and_what_to_do(
    admin: Client, dells: list[Node]
) -> None:
    row = dell(mode="canary")
    assert "The first node that registers and is behind" in text_of(admin.get(page_of(row)))
    _canary(row, dells[0], CanaryState.FAILED)
    page = text_of(admin.get(page_of(row)))
    assert "The update failed on the canary. All other nodes are held as they are." in page
    assert "Go on to all" in page
    assert "canary failed: held" in text_of(admin.get(BASELINES))


@pytest.mark.parametrize(
    ("step", "mode", "state", "canary"),
    [("all", "canary", "passed", True), ("again", "canary", "", False), ("stop", "off", "", True)],
)
def test_the_buttons_of_a_canary_ask_first_and_then_do_it(
    admin: Client, dells: list[Node], step: str, mode: str, state: str, canary: bool
) -> None:
    row = dell(mode="canary")
    _canary(row, dells[0], CanaryState.FAILED)
    url = f"{BASELINES}{row.pk}/do/{step}/"
    admin.get(url)
    row.refresh_from_db()
    assert row.canary_state == CanaryState.FAILED, "a question changes nothing"
    response = admin.post(url)
    row.refresh_from_db()
    assert told(response)
    assert row.mode == mode
    assert bool(row.canary) == canary
    if step != "stop":
        assert row.canary_state == state


def test_a_nodes_page_shows_what_it_has_beside_what_it_must_have(
    admin: Client, dells: list[Node]
) -> None:
    dell()
    node = dells[0]
    Node.objects.filter(pk=node.pk).update(bmc_version="6.10")
    page = text_of(admin.get(node_url(node)))
    assert "BIOS 2.19.1 2.20.0 or newer behind" in page
    assert "BMC 6.10 — no baseline" in page


def test_a_failed_update_is_shown_on_the_nodes_page_and_tried_again_by_a_button(
    admin: Client, dells: list[Node]
) -> None:
    row, node = dell(), dells[0]
    update = FirmwareUpdate.objects.create(
        node=node,
        baseline=row,
        revision=row.revision,
        title="BIOS",
        wanted_version="2.20.0",
        state=UpdateState.FAILED,
        attempts=3,
        issue="FW-004",
        reason="BIOS: vendor ended with code 7.",
        log_tail="<b>no such slot</b>",
    )
    page = text_of(admin.get(node_url(node)))
    assert "failed FW-004" in page
    assert "<b>no such slot</b>" in page, "it is text, not a tag"
    assert "Try firmware again" in page
    assert "failed FW-004" in text_of(admin.get("/admin/nodes/firmwareupdate/"))
    do(admin, node, "firmware_again")
    update.refresh_from_db()
    assert (update.state, update.attempts) == (UpdateState.HELD, 0)
    assert NodeEvent.objects.latest("id").actor == "ada"
    assert "Try firmware again" not in text_of(admin.get(node_url(node)))


def test_adapters_and_disks_are_counted_by_node(admin: Client, dells: list[Node]) -> None:
    baseline(
        "nic",
        component="nic",
        vendor_pattern="*",
        product_pattern="*",
        model_pattern="bnxt_en",
        comparator="broadcom",
        wanted="pkg 22.80.1.1",
    )
    baseline(
        "disk",
        component="disk",
        vendor_pattern="*",
        product_pattern="*",
        model_pattern="ST4000*",
        comparator="exact",
        match="exact",
        wanted="DS06",
    )
    Disk.objects.filter(model__startswith="ST4000").update(revision="DS05")
    Disk.objects.filter(node=dells[0]).update(revision="DS06")
    NetworkInterface.objects.filter(node=dells[1]).update(firmware="")
    page = text_of(admin.get(BASELINES))
    assert "3 of 4 1 — nic network adapter" in page
    assert "pkg 22.80.1.1 or newer on 3 of 4 — 1" in page


def test_a_baseline_is_deleted_with_its_file_unless_a_machine_is_at_it(
    admin: Client, dells: list[Node], django_capture_on_commit_callbacks: Any
) -> None:
    row = dell()
    update = FirmwareUpdate.objects.create(
        node=dells[0],
        baseline=row,
        revision=1,
        title="BIOS",
        wanted_version="2.20.0",
        state=UpdateState.STARTED,
    )
    response = admin.post(f"{BASELINES}{row.pk}/delete/", {"post": "yes"})
    assert "is at an update of baseline" in told(response)[0]
    update.delete()
    with django_capture_on_commit_callbacks(execute=True):
        admin.post(f"{BASELINES}{row.pk}/delete/", {"post": "yes"})
    assert not FirmwareBaseline.objects.exists()
    assert not default_storage.exists(row.artefact_path)


def test_who_may_only_look_has_no_buttons(dells: list[Node]) -> None:
    user = User.objects.create_user("vic", password="x", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_firmwarebaseline"))
    client, row = logged_in(user), dell(mode="canary")
    page = text_of(client.get(page_of(row)))
    assert "2 of 3 behind" in page
    assert dells[0].serial not in page, "nodes are named for who may see them"
    assert "Go on to all" not in page
    for url in ("file", "do/stop"):
        assert client.post(f"{BASELINES}{row.pk}/{url}/").status_code == 403
    assert client.get(f"{BASELINES}add/").status_code == 403


def _canary(row: FirmwareBaseline, node: Node, state: CanaryState) -> None:
    FirmwareBaseline.objects.filter(pk=row.pk).update(
        canary=node, canary_state=state, canary_at=row.changed_at
    )


def _file(name: str = "bios-2.20.exe", content: bytes = b"new bios") -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = name
    return file
