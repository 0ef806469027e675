"""`GET /ipxe/<uuid>` and `GET /autorun/<uuid>`."""

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries, Settings

from baremetal import views
from bearman.lib.network import networks
from nodes.models import BootRequest, EnrolmentWindow, Node
from nodes.states import NodeStatus
from nodes.uuids import swapped_uuid
from profiles.services import image_promote, image_roll_back, release_publish
from tests.baremetal import rig

UUID = "4c4c4544-0051-3510-8052-b4c04f4a4b31"

FILES = f"http://127.0.0.1:8001/files/images/stage-one/1/{'0' * 16}"
STAGE_ONE = f"""#!ipxe
echo Bearman: stage one for a new machine
kernel {FILES}/vmlinuz initrd=initrd.img boot=live ip=dhcp console=ttyS0 \
fetch={FILES}/filesystem.squashfs bearman.root={"0" * 64}:7 \
bearman.url=http://bearman.example:8000 \
bearman.grpc=bearman.example:50051 bearman.uuid={UUID} bearman.token=TOKEN \
bearman.plaintext=1 || goto failed
initrd --name initrd.img {FILES}/initrd.img || goto failed
boot || goto failed
:failed
echo Bearman: stage one could not be fetched; next try in 30 s
sleep 30
reboot
"""

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def site(db: None, settings: Settings) -> None:
    """Addresses as a site would set them, with enrolment closed, and a stage one."""
    rig.stage_one()
    settings.PUBLIC_URL = settings.BOOT_URL = "http://bearman.example:8000"
    settings.PUBLIC_GRPC = "bearman.example:50051"
    settings.ENROLMENT_NETWORKS = []


@pytest.fixture
def enrolment_open(settings: Settings) -> None:
    settings.ENROLMENT_NETWORKS = networks(["127.0.0.0/8"])


def asked(client: Client, uuid: str = UUID) -> str:
    """The script that a machine gets."""
    answer = client.get(f"/ipxe/{uuid}")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert int(answer["Content-Length"]) == len(answer.content)
    return answer.content.decode()


def token_in(script: str) -> str:
    found = re.search(r"bearman\.token=(\S+)", script)
    assert found
    return found[1]


def test_an_unknown_machine_gets_stage_one(client: Client, enrolment_open: None) -> None:
    script = asked(client)
    assert script.replace(token_in(script), "TOKEN") == STAGE_ONE


def test_the_answer_takes_two_queries_and_a_third_once_a_second(
    client: Client, enrolment_open: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(3):
        asked(client)
    with django_assert_num_queries(2):
        asked(client, UUID.replace("4c", "4d"))


def test_machines_get_the_stage_one_that_was_promoted_last(
    client: Client, enrolment_open: None
) -> None:
    second = rig.stage_one("2", current=False, append="rd.live.image console=ttyS1")
    assert "/stage-one/1/" in asked(client)
    image_promote(image=second)
    script = asked(client)
    assert "/stage-one/2/" in script
    assert " rd.live.image console=ttyS0 fetch=" in script  # the setting's counts
    image_roll_back(name="stage-one")
    assert "/stage-one/1/" in asked(client)


@pytest.mark.issue("BOOT-016")
def test_without_a_stage_one_a_machine_is_told_so_and_asks_again(
    client: Client, enrolment_open: None, settings: Settings
) -> None:
    settings.STAGE_ONE_IMAGE = "centos-stage-one"
    script = asked(client)
    assert "no version of image centos-stage-one is current (BOOT-016)" in script
    assert f"chain --replace --autofree http://bearman.example:8000/ipxe/{UUID} || reboot" in script


@pytest.mark.issue("IMG-011")
def test_a_command_line_that_the_kernel_would_cut_is_not_given(
    client: Client, enrolment_open: None, settings: Settings
) -> None:
    settings.STAGE_ONE_APPEND = " ".join(f"console=ttyS{number}" for number in range(130))
    script = asked(client)
    assert "the kernel command line of stage-one/1 is too long (IMG-011)" in script
    assert "kernel http" not in script


def test_the_token_is_kept_as_a_hash_only(client: Client, enrolment_open: None) -> None:
    token = token_in(asked(client))
    row = BootRequest.objects.get()
    assert row.granted
    assert token.encode() not in bytes(row.digest)


def test_every_answer_has_another_token(client: Client, enrolment_open: None) -> None:
    assert token_in(asked(client)) != token_in(asked(client))


@pytest.mark.issue("REG-010")
def test_while_enrolment_is_closed_an_unknown_machine_is_told_so_and_listed(
    client: Client,
) -> None:
    for _ in range(3):
        script = asked(client)
        assert "enrolment is closed for its network (REG-010)" in script
        assert script.endswith("exit\n")
        assert "token" not in script
    row = BootRequest.objects.get()
    assert (row.granted, row.times, str(row.uuid)) == (False, 3, UUID)


def test_an_open_window_lets_its_network_in(client: Client) -> None:
    now = timezone.now()
    hour = timedelta(hours=1)
    EnrolmentWindow.objects.create(
        network="192.0.2.0/24", opens_at=now - hour, closes_at=now + hour
    )
    EnrolmentWindow.objects.create(
        network="127.0.0.0/8", opens_at=now - 2 * hour, closes_at=now - hour
    )
    assert "enrolment is closed" in asked(client)
    EnrolmentWindow.objects.create(network="127.0.0.0/8", opens_at=now - hour, closes_at=now + hour)
    assert "kernel " in asked(client)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (NodeStatus.IN_USE, "its deployment has just begun or ended"),
        (NodeStatus.MAINTENANCE, "it is in maintenance"),
        (NodeStatus.RETIRED, "it is retired"),
    ],
)
def test_a_known_machine_that_boots_nothing_is_told_why(
    client: Client, enrolment_open: None, status: NodeStatus, words: str
) -> None:
    Node.objects.create(uuid=UUID, status=status)
    assert words in asked(client)


@pytest.mark.parametrize("status", [NodeStatus.READY, NodeStatus.REGISTER_FAILED])
@pytest.mark.parametrize("uuid", [UUID, UUID.upper(), swapped_uuid(UUID)])
def test_a_known_machine_boots_stage_one_while_enrolment_is_closed(
    client: Client, status: NodeStatus, uuid: str
) -> None:
    node = Node.objects.create(uuid=UUID, status=status)
    assert f"stage one for node {node.pk}" in asked(client, uuid)


@pytest.mark.issue("ID-005")
@pytest.mark.parametrize("uuid", ["nope", "", "4c4c4544", UUID + "0", "${uuid}", "a" * 5000])
def test_what_is_no_uuid_gets_a_script_that_says_so(client: Client, uuid: str) -> None:
    assert "is not a UUID (ID-005)" in asked(client, uuid)


@given(st.text(min_size=1, max_size=80))
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_asked_the_script_has_only_lines_of_ours(client: Client, text: str) -> None:

    script = asked(client, quote(text, safe=""))
    assert script.startswith("#!ipxe\necho Bearman has nothing for this machine: ")
    assert len(script.splitlines()) == 5
    assert "${" not in script


def test_without_a_database_the_machine_waits_and_asks_again(
    client: Client, enrolment_open: None, monkeypatch: pytest.MonkeyPatch
) -> None:

    def away(**_: object) -> str:
        raise OperationalError("the database is away")

    monkeypatch.setattr(views, "boot_script", away)
    script = asked(client)
    assert f"chain --replace --autofree http://bearman.example:8000/ipxe/{UUID}" in script
    assert "sleep 30" in script


def test_post_is_not_taken(client: Client) -> None:
    assert client.post(f"/ipxe/{UUID}").status_code == 405


def test_autorun_tells_name_hash_and_address_of_the_script_that_is_due(
    client: Client, enrolment_open: None
) -> None:
    release, _ = release_publish(contents={"register.sh": b"#!/bin/sh\n"})
    script = release.scripts.get()
    token = token_in(asked(client))
    answer = client.get(f"/autorun/{UUID}", headers={"authorization": f"Bearer {token}"})
    name, sha256, url = answer.content.decode().split()
    assert (answer.status_code, name, sha256) == (200, "register.sh", script.sha256)
    assert url.endswith(script.path)


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 401), ({"authorization": "Bearer bmb_wrong"}, 401), ({"authorization": "x"}, 401)],
)
def test_autorun_tells_a_stranger_nothing(
    client: Client, headers: dict[str, str], status: int
) -> None:
    release_publish(contents={"register.sh": b"#!/bin/sh\n"})
    answer = client.get(f"/autorun/{UUID}", headers=headers)
    assert answer.status_code == status
    assert answer["Content-Type"].startswith("text/plain")


def test_autorun_refuses_another_machines_token(client: Client, enrolment_open: None) -> None:
    token = token_in(asked(client))
    other = "4c4c4544-0051-3510-8052-b4c04f4a4b32"
    answer = client.get(f"/autorun/{other}", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 403


def test_autorun_says_what_to_do_where_nothing_is_published(
    client: Client, enrolment_open: None
) -> None:
    token = token_in(asked(client))
    answer = client.get(f"/autorun/{UUID}", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 404
    assert "publish_scripts" in answer.content.decode()


def test_health_and_readiness(client: Client) -> None:
    assert client.get("/healthz").content == b"ok\n"
    assert client.get("/readyz").content == b"ok\n"


def test_with_tls_the_machine_is_not_told_that_plain_text_will_do(
    client: Client, enrolment_open: None, settings: Settings
) -> None:
    settings.GRPC_TLS_CERT = "/etc/bearman/grpc.pem"
    assert "plaintext" not in asked(client)


def test_behind_tls_scripts_are_sent_to_https_and_firmware_stays_on_plain_http(
    client: Client, enrolment_open: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PUBLIC_URL, settings.BOOT_URL = "https://bearman.example", "http://boot.example"
    assert "bearman.url=https://bearman.example " in asked(client)
    monkeypatch.setattr(views, "boot_script", _fails)
    assert f"chain --replace --autofree http://boot.example/ipxe/{UUID}" in asked(client)


def _fails(**_: object) -> str:
    raise OperationalError("no database")


@pytest.mark.parametrize("headers", [{"host": "10.9.8.7:8000"}, {"host": "bad host"}, {"host": ""}])
def test_whatever_host_firmware_names_it_gets_a_script(
    client: Client, enrolment_open: None, headers: dict[str, str]
) -> None:
    for path in (f"/ipxe/{UUID}", f"//ipxe/{UUID}"):
        answer = client.get("/", headers=headers, PATH_INFO=path)
        assert (answer.status_code, answer.content[:6]) == (200, b"#!ipxe")


def test_the_heir_of_a_retired_machine_boots_where_enrolment_is_open(
    client: Client, enrolment_open: None
) -> None:
    Node.objects.create(uuid=UUID, status=NodeStatus.RETIRED)
    assert "it is retired" in asked(client)
    Node.objects.create(uuid=UUID, status=NodeStatus.QUARANTINED)
    assert "kernel " in asked(client)
