"""What a strict reader found: preparations that fail, people in a race, things that break."""

import tempfile
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django import Settings

from baremetal.models import Baremetal, BaremetalEvent
from baremetal.services.deploy import baremetal_deploy, baremetal_redeploy
from baremetal.services.prepare import deployment_prepare
from baremetal.services.reconcile import overdue_reconcile
from baremetal.services.refuse import SWEEP, refused_end
from baremetal.services.release import baremetal_release
from baremetal.states import BaremetalState, Step
from bearman.lib.errors import Conflict, PoolExhausted, Unavailable
from ipman import remote
from ipman.client import ipman
from ipman.models import Address, Pool
from ipman.services import pool_save
from nodes.states import NodeStatus
from profiles import template
from profiles.models import Profile
from profiles.services import profile_save
from simulator.bmc.fleet import BmcFleet
from tests.baremetal import rig
from tests.baremetal.rig import Machine, ready, work
from tests.baremetal.test_late import deployed, late


@pytest.fixture
def used(fleet: BmcFleet, room: Profile) -> Machine:
    """A machine in use."""
    machine = deployed(fleet, room)
    work()
    machine.install()
    return machine


@pytest.fixture
def staged(fleet: BmcFleet, room: Profile) -> Machine:
    """A machine whose stage one has its plan and fetches the system."""
    machine = deployed(fleet, room)
    work()
    machine.ipxe()
    machine.plan()
    return machine


def owners() -> set[str | None]:
    """Who has addresses."""
    return set(Address.objects.exclude(owner=None).values_list("owner", flat=True))


def messages(machine: Machine) -> list[str]:
    """The sentences of the newest deployment's time line."""
    events = BaremetalEvent.objects.filter(baremetal=machine.row).order_by("pk")
    return list(events.values_list("message", flat=True))


def overdue(machine: Machine) -> None:
    """Let the deadline pass, and have the reconciler look; the worker does nothing."""
    past = timezone.now() - timedelta(seconds=1)
    Baremetal.objects.filter(pk=machine.row.pk).update(deadline=past)
    overdue_reconcile()


def ipman_away(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let IPman be another one, at whose address nobody answers."""
    settings.IPMAN_TARGET, settings.IPMAN_TOKEN = "127.0.0.1:1", "x"
    monkeypatch.setattr(remote, "DEADLINE_SECONDS", 0.2)


# --- Preparations that do not succeed -------------------------------------------------------------


def test_a_deployment_waits_for_an_ipman_that_is_away_and_goes_on(
    fleet: BmcFleet, room: Profile, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = ready(fleet, 1)
    ipman_away(settings, monkeypatch)
    baremetal_deploy(node=machine.node, profile=room, actor="olga", hostname="web-1")
    assert work() == []
    assert (machine.row.state, machine.row.step) == ("DEPLOY_START", "prepare")
    assert "IPman" in machine.row.reason
    assert machine.status() == NodeStatus.IN_USE
    settings.IPMAN_TARGET = ""
    late(machine)
    assert machine.row.service_address == "10.20.0.10"
    assert machine.bmc.powered


def test_a_machine_in_use_that_cannot_be_redeployed_keeps_its_address(
    used: Machine, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ipman_away(settings, monkeypatch)
    baremetal_redeploy(row=used.row, profile=None, actor="olga")
    for _ in range(settings.DEPLOY_ATTEMPTS):
        overdue(used)
    settings.IPMAN_TARGET = ""
    overdue(used)
    row = used.row
    assert row.state == BaremetalState.UNRECOVERABLE_ERROR
    assert "It cannot be deployed" in row.reason
    assert row.advice
    assert used.bmc.powered, "it still runs, with its address"
    assert owners() == {row.owner}
    assert used.status() == NodeStatus.IN_USE


def test_a_redeployment_for_which_there_is_no_address_ends_as_an_error(used: Machine) -> None:
    pool = Pool(name="six", zone="z1", purpose="service", prefix_length=64, vlan_id=120)
    pool.first = pool.last = "2001:db8::10"
    pool_save(pool=pool)
    ipman().allocate(zone="z1", purpose="service", owner="other", key="x", family=6)
    with pytest.raises(PoolExhausted):
        baremetal_redeploy(row=used.row, profile=None, actor="olga")
    assert used.row.state == BaremetalState.UNRECOVERABLE_ERROR
    assert used.bmc.powered
    assert owners() == {used.row.owner, "other"}


def test_a_refusal_that_comes_too_late_takes_nothing_away(fleet: BmcFleet, room: Profile) -> None:
    machine = deployed(fleet, room)
    slow = machine.row  # as a process read it before another one went on
    slow.step, slow.service_address = Step.PREPARE, None
    refused_end(row=slow, error=Unavailable("IPman is away."))
    assert (machine.row.state, machine.row.step) == ("DEPLOY_START", "power_on")
    assert owners() == {machine.row.owner}
    assert machine.status() == NodeStatus.IN_USE


def test_attempts_to_prepare_are_not_taken_from_those_to_boot(
    fleet: BmcFleet, room: Profile
) -> None:
    machine = deployed(fleet, room)
    Baremetal.objects.update(step=Step.PREPARE, attempt=2)
    overdue(machine)
    assert (machine.row.step, machine.row.attempt) == ("power_on", 1)
    work()
    machine.ipxe()
    machine.plan()
    late(machine)
    assert (machine.row.state, machine.row.cold_boot) == ("DEPLOYING", True)


def test_what_is_prepared_later_says_the_version_that_it_is_of(
    fleet: BmcFleet, room: Profile
) -> None:
    machine = deployed(fleet, room)
    Baremetal.objects.update(step=Step.PREPARE, spec={})
    changed = Profile.objects.get(pk=room.pk)
    changed.install_script = "echo new\n"
    profile_save(profile=changed)
    overdue(machine)
    assert machine.row.profile_version == 2
    assert machine.row.spec["script"] == "echo new\n"


def test_a_deployment_that_cannot_be_looked_at_does_not_keep_the_others_waiting(
    fleet: BmcFleet, room: Profile, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.RETRY_SECONDS, settings.PREPARE_SECONDS = 1000, 10
    bad, good = ready(fleet, 1), ready(fleet, 2)
    kickstart = rig.profile("ks", config_format="kickstart", boots_root=False)
    baremetal_deploy(node=bad.node, profile=kickstart, actor="olga", hostname="bad")
    baremetal_deploy(node=good.node, profile=room, actor="olga", hostname="good")
    work()
    Baremetal.objects.filter(pk=bad.row.pk).update(step=Step.PREPARE)
    early = timezone.now() - timedelta(seconds=99)
    Baremetal.objects.filter(pk=good.row.pk).update(deadline=early + timedelta(seconds=1))
    Baremetal.objects.filter(pk=bad.row.pk).update(deadline=early)
    monkeypatch.setattr(tempfile, "tempdir", "/nonexistent")  # its checker writes a file
    overdue_reconcile()
    assert good.row.attempt == 2
    assert bad.row.deadline is not None
    assert bad.row.deadline > timezone.now() + timedelta(seconds=900), "the next look is later"


def test_an_address_that_a_killed_process_left_behind_is_given_back(
    fleet: BmcFleet, room: Profile
) -> None:
    machine = deployed(fleet, room)
    baremetal_release(row=machine.row, actor="olga")
    work()
    row = machine.row
    assert row.deadline is not None
    assert abs(row.deadline - timezone.now() - SWEEP) < timedelta(minutes=1)
    # As a preparation leaves it that is killed between IPman's answer and its own look at the row.
    ipman().allocate(zone="z1", purpose="service", owner=row.owner, key="service4", family=4)
    overdue_reconcile()
    assert owners() == {row.owner}, "not yet: whoever prepares it may still be alive"
    overdue(machine)
    assert not owners()
    assert machine.row.deadline is None


def test_a_preparation_that_lives_gives_back_what_came_after_the_release(
    fleet: BmcFleet, room: Profile
) -> None:
    machine = deployed(fleet, room)
    slow = machine.row
    slow.step = Step.PREPARE
    baremetal_release(row=machine.row, actor="olga")
    work()
    with pytest.raises(Conflict, match="was released while it was prepared"):
        deployment_prepare(row=slow)
    assert not owners()


# --- People who do things at the same time --------------------------------------------------------


def test_who_releases_what_another_one_redeploys_is_told_so(used: Machine) -> None:
    seen = used.row
    baremetal_redeploy(row=used.row, profile=None, actor="ann")
    with pytest.raises(Conflict, match="ann was first: ann redeploys it"):
        baremetal_release(row=seen, actor="bob")
    assert used.row.state == BaremetalState.DEPLOY_START


def test_who_releases_a_machine_that_went_on_in_the_meantime_is_not_refused(
    fleet: BmcFleet, room: Profile
) -> None:
    machine = deployed(fleet, room)
    seen = machine.row
    work()
    machine.install()
    assert baremetal_release(row=seen, actor="olga").state == BaremetalState.RELEASING
    work()
    assert machine.status() == NodeStatus.READY


@pytest.mark.parametrize("is_stale", [True, False])
def test_who_redeploys_what_another_one_redeploys_is_told_so(used: Machine, is_stale: bool) -> None:
    seen = used.row
    baremetal_redeploy(row=used.row, profile=None, actor="ann")
    with pytest.raises(Conflict, match="ann was first: ann redeploys it"):
        baremetal_redeploy(row=seen if is_stale else used.row, profile=None, actor="bob")
    assert not any("bob" in words for words in messages(used))


def test_a_request_id_of_another_deployment_does_not_redeploy(
    fleet: BmcFleet, used: Machine, room: Profile
) -> None:
    other, request_id = ready(fleet, 2), uuid4()
    baremetal_deploy(
        node=other.node, profile=room, actor="olga", hostname="b", request_id=request_id
    )
    with pytest.raises(Conflict, match="request_id was used before"):
        baremetal_redeploy(row=used.row, profile=None, actor="olga", request_id=request_id)
    assert used.row.state == BaremetalState.INSTALLED


# --- The door -------------------------------------------------------------------------------------


def test_a_form_with_too_many_fields_is_refused_in_a_line_of_text(staged: Machine) -> None:
    answer = staged.client.post(
        f"/report/{staged.uuid}",
        "a&" * 12000,
        content_type="application/x-www-form-urlencoded",
        headers={"Authorization": f"Bearer {staged.token}"},
    )
    assert answer.status_code == 400
    assert answer["Content-Type"].startswith("text/plain")
    assert "too many fields" in answer.content.decode()


def test_whatever_breaks_the_machine_gets_a_script_that_asks_again(
    fleet: BmcFleet, room: Profile
) -> None:
    machine = deployed(fleet, room)
    work()
    Baremetal.objects.update(cold_boot=True, spec=machine.row.spec | {"facts": None})
    script = machine.ipxe()
    assert script.startswith("#!ipxe\n")
    assert f"chain --replace --autofree http://bearman.example:8000/ipxe/{machine.uuid}" in script


def test_a_comment_on_a_kernel_command_line_is_refused() -> None:
    assert template.check_append("console=ttyS0 #debug quiet")


def test_a_look_with_head_does_not_change_what_is_to_boot(staged: Machine) -> None:
    headers = {"Authorization": f"Bearer {staged.token}"}
    assert staged.client.head(f"/ipxe/{staged.uuid}", headers=headers).status_code == 405
    assert staged.row.nonce == staged.nonce


def test_a_system_that_cannot_be_fetched_is_fetched_again_by_the_same_script(
    staged: Machine,
) -> None:
    late(staged)
    lines = staged.ipxe().splitlines()
    begin, failed = lines.index(":begin"), lines.index(":failed")
    steps = lines[begin + 1 : failed]
    assert steps[0] == "imgfree", "else the initramfs would be there twice"
    assert [line.split()[0] for line in steps[1:]] == ["kernel", "initrd", "initrd", "boot"]
    assert all(line.endswith(" || goto failed") for line in steps[1:])
    # It does not ask again, which would cost an attempt.
    assert [line.split()[0] for line in lines[failed + 1 :]] == ["echo", "sleep", "goto"]
    assert lines[-1] == "goto begin"


def test_signed_addresses_of_an_object_storage_fit_where_addresses_go(
    staged: Machine, settings: Settings
) -> None:
    options = {
        "endpoint_url": "http://s3.example:7480",
        "bucket_name": "bearman",
        "access_key": "AK",
        "secret_key": "SK",
    }
    default = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    settings.STORAGES = settings.STORAGES | {"default": default}
    plan = staged.plan()
    for kind in ("kernel", "initramfs", "root"):
        assert plan[kind].split()[2].startswith("http://s3.example:7480/bearman/images/")
        assert "Signature=" in plan[kind]
    assert f"fetch={plan['root'].split()[2].split('?')[0]}" in plan["append"]
    staged.take_seed()
    staged.get("profile")
    assert staged.post("installed") == (200, "INSTALLED\n")
    assert "kernel http://s3.example:7480/bearman/images/" in staged.ipxe()
