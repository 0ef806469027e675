"""The machines' door while a deployment runs: whose token reaches what, and hostile words."""

import json
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries, Settings

from baremetal import door
from baremetal.models import BaremetalEvent
from baremetal.services.deploy import baremetal_deploy
from nodes.models import BootRequest
from profiles.models import Profile
from simulator.bmc.fleet import BmcFleet
from tests.baremetal import rig
from tests.baremetal.rig import Machine, ready, work

HOSTILE = "X\"'\n$(reboot)`reboot`\n#!ipxe\nboot || ${net0/mac} && {{ 7*7 }} \x00\x1b[2J"


@pytest.fixture
def booted(fleet: BmcFleet, room: Profile) -> Machine:
    """A machine in stage one, with its token."""
    machine = ready(fleet, 1)
    baremetal_deploy(node=machine.node, profile=room, actor="olga", hostname="web-1")
    work()
    machine.ipxe()
    return machine


@pytest.fixture
def up(booted: Machine) -> Machine:
    """The same machine, whose system has come up."""
    booted.plan()
    booted.take_seed()
    return booted


@pytest.mark.parametrize("path", ["autorun", "seed", "profile", "detail"])
def test_without_a_token_nothing_is_told(booted: Machine, path: str) -> None:
    booted.token = ""
    assert booted.get(path)[0] == 401
    booted.token = "bmb_unknown"
    assert booted.get(path)[0] == 401


def test_another_machines_token_is_refused(fleet: BmcFleet, room: Profile, up: Machine) -> None:
    other = ready(fleet, 2)
    baremetal_deploy(node=other.node, profile=room, actor="olga", hostname="web-2")
    work()
    other.ipxe()
    other.plan()
    other.take_seed()
    other.uuid = up.uuid
    for path in ("profile", "detail", "seed", "autorun", "ipxe"):
        assert other.get(path)[0] == 403, path
    assert other.post("installed")[0] == 403
    assert up.row.state == "DEPLOYING"


def test_a_token_serves_its_own_purpose_only(booted: Machine) -> None:
    stage_one = booted.token
    for path in ("profile", "detail"):
        assert booted.get(path)[0] == 403, path
    assert booted.post("installed")[0] == 403
    booted.plan()
    booted.take_seed()
    assert booted.token != stage_one
    assert booted.get("ipxe")[0] == 403
    assert booted.get("autorun")[0] == 403


def test_a_token_ends(up: Machine) -> None:
    BootRequest.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert up.get("profile")[0] == 401


def test_a_system_may_call_from_its_service_address_and_from_no_other(up: Machine) -> None:
    up.client = Client(REMOTE_ADDR="10.20.0.10")
    assert up.get("profile")[0] == 200
    up.client = Client(REMOTE_ADDR="10.20.0.11")
    assert up.get("profile")[0] == 403
    assert up.post("installed")[0] == 403


def test_no_secret_is_on_a_kernel_command_line(booted: Machine) -> None:
    plan = booted.plan()
    booted.take_seed()
    assert booted.token not in plan["append"]
    booted.get("profile")
    booted.post("installed")
    script = booted.ipxe()
    (kernel,) = [line for line in script.splitlines() if line.startswith("kernel ")]
    assert "bmb_" not in kernel


def test_a_cold_boots_secret_is_in_the_address_of_its_seed(up: Machine) -> None:
    up.get("profile")
    up.post("installed")
    up.ipxe()
    assert "bearman/seed" in up.take_seed(up.token)
    answer = up.client.get(f"/seed/{up.uuid}/bmb_wrong")
    assert answer.status_code == 401


def test_what_is_no_form_is_refused_in_one_line(up: Machine) -> None:
    answers = [
        up.post("report", step="x", outcome="nonsense"),
        up.post("report", step="$(reboot)", outcome="failed"),
        up.post("report"),
        up.post("report", step="a", outcome="progress", log_tail="x" * 200_000),
    ]
    assert [status for status, _ in answers] == [400, 400, 400, 413]
    assert all(words.count("\n") == 1 for _, words in answers)


def test_the_wrong_method_is_refused(up: Machine) -> None:
    assert up.get("installed")[0] == 405
    assert up.post("profile")[0] == 405


def test_what_a_machine_says_is_kept_as_text_and_bounded(up: Machine) -> None:
    up.post("report", step="configure", outcome="progress", message="a%1b[2Jb%00%0Ac" + "x" * 5000)
    message = BaremetalEvent.objects.latest("pk").message
    assert message.startswith("a [2Jb")
    assert len(message) <= 1000
    assert "\n" not in message


def test_reports_are_counted(up: Machine) -> None:
    BootRequest.objects.update(reports=1000)
    assert up.post("report", step="configure", outcome="progress")[0] == 507


@hypothesis_settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(body=st.binary(max_size=500), nonce=st.text(max_size=80))
def test_no_bytes_make_the_door_fail(up: Machine, body: bytes, nonce: str) -> None:
    headers = {
        "Authorization": f"Bearer {up.token}",
        "X-Bearman-Nonce": nonce.encode("ascii", "replace").decode().replace("\n", ""),
    }
    for path in ("report", "installed"):
        content = "application/x-www-form-urlencoded"
        answer = up.client.post(f"/{path}/{up.uuid}", body, content_type=content, headers=headers)
        assert answer.status_code in (200, 400, 409, 413, 507)


def test_hostile_names_of_a_machine_stay_text(fleet: BmcFleet, room: Profile) -> None:
    profile = rig.profile(
        "named",
        append="boot=live vendor={{ vendor }} product={{ product_name }}",
        config_format="cloud-init",
        config_body="#cloud-config\nhostname: {{ hostname }}\nfinal_message: {{ product_name }}\n",
    )
    machine = ready(fleet, 1, vendor=HOSTILE.replace("\0", ""), product_name="a: [b]\n- c #d")
    baremetal_deploy(node=machine.node, profile=profile, actor="olga", hostname="web-1")
    work()
    machine.ipxe()
    append = machine.plan()["append"]
    words = append.split()
    assert [word.split("=")[0] for word in words] == [
        *("boot", "vendor", "product", "fetch", "bearman.root"),
        *("bearman.url", "bearman.uuid", "bearman.nonce"),
    ]
    assert not set(append) & set("$`\"'|&<>\\;\n")
    seed = machine.take_seed()
    assert "\nfinal_message: a_ _b_" in seed


def test_detail_is_json_and_has_no_secret(up: Machine) -> None:
    status, words = up.get("detail")
    assert status == 200
    found = json.loads(words)
    assert found["hostname"] == "web-1"
    assert found["addresses"][0] == {
        "address": "10.20.0.10",
        "prefix_length": 24,
        "netmask": "255.255.255.0",
        "gateway": "10.20.0.1",
        "vlan_id": 120,
    }
    assert up.token not in words
    assert up.nonce not in words


def test_a_database_that_is_away_is_said_in_a_line_of_text(
    up: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(**_: object) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(door, "boot_caller", away)
    for path in ("autorun", "seed", "ipxe"):
        status, words = up.get(path)
        assert status == 503
        assert "<" not in words


def test_the_questions_of_a_boot_take_few_statements(
    up: Machine, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    up.get("profile")
    up.post("installed")
    with django_assert_max_num_queries(2):
        up.ipxe()
    up.take_seed(up.token)
    for path in ("profile", "detail"):
        with django_assert_max_num_queries(2):
            assert up.get(path)[0] == 200


@pytest.mark.parametrize("kind", ["autoinstall", "cloud-init"])
def test_behind_tls_only_an_installer_is_sent_to_the_plain_address(
    fleet: BmcFleet, room: Profile, settings: Settings, kind: str
) -> None:
    settings.PUBLIC_URL, settings.BOOT_URL = "https://bearman.example", "http://boot.example"
    profile = rig.profile("classic", config_format=kind, boots_root=False, install_script="")
    machine = ready(fleet, 1)
    baremetal_deploy(node=machine.node, profile=profile, actor="olga", hostname="db-1")
    work()
    script = machine.ipxe()
    if kind == "cloud-init":
        assert "bearman.url=https://bearman.example" in machine.plan()["append"]
        return
    assert f"initrd --name seed.img http://boot.example/seed/{machine.uuid}/" in script
    assert f"http://boot.example/autoinstall/{machine.uuid}/" in script
    assert "https://" not in script


@pytest.mark.parametrize("kind", ["preseed", "kickstart", "autoinstall", "cloud-init"])
def test_each_format_has_its_usual_address(fleet: BmcFleet, room: Profile, kind: str) -> None:
    profile = rig.profile("classic", config_format=kind, boots_root=False, install_script="")
    machine = ready(fleet, 1)
    baremetal_deploy(node=machine.node, profile=profile, actor="olga", hostname="db-1")
    work()
    machine.ipxe()
    if kind == "cloud-init":
        machine.plan()
        machine.take_seed()
    else:
        machine.take_seed(machine.token)
    file = {"autoinstall": "/user-data", "cloud-init": "/meta-data"}.get(kind, "")
    folder = f"/{kind}/{machine.uuid}/{machine.token}"
    answer = machine.client.get(f"{folder}{file}")
    assert answer.status_code == 200, answer.content
    assert b"db-1" in answer.content
    assert machine.client.get(f"{folder}/other").status_code == 404
    assert machine.client.get(f"/{kind}/{machine.uuid}").status_code == 401
