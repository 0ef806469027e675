"""A node becomes a Baremetal, and is free again: services and doors, with a BMC on the network."""

import threading
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections
from pytest_django import Settings

from baremetal.models import Baremetal, BaremetalEvent
from baremetal.services.deploy import baremetal_deploy, baremetal_redeploy
from baremetal.services.release import baremetal_release
from baremetal.states import BaremetalState, Step
from bearman.lib.errors import BearmanError, Conflict, Invalid, NotFound, PoolExhausted
from bearman.lib.issues import deployment
from ipman.models import Address, Pool
from nodes.states import NodeStatus
from profiles.models import Flavor, Profile
from profiles.services import profile_delete, profile_save, release_publish
from simulator.bmc.boot import BootOptions
from simulator.bmc.fleet import BmcFleet
from tests.baremetal import rig
from tests.baremetal.rig import Machine, ready, work

PXE = 1


def deploy(machine: Machine, profile: Profile | None, **values: Any) -> Baremetal:
    return baremetal_deploy(node=machine.node, profile=profile, actor="olga", **values)


def owners() -> set[str | None]:
    return set(Address.objects.exclude(owner=None).values_list("owner", flat=True))


def lit(machine: Machine) -> bool:
    return machine.bmc.powered


def test_a_machine_goes_from_ready_to_installed_and_back(fleet: BmcFleet, room: Profile) -> None:
    machine = ready(fleet, 1)
    release_publish(contents={"kexec.sh": b"#!/bin/sh\n"})
    row = deploy(machine, room, hostname="web-1")
    assert (row.state, row.step) == (BaremetalState.DEPLOY_START, Step.POWER_ON)
    assert (row.service_address, row.vlan_id) == ("10.20.0.10", 120)
    assert machine.status() == NodeStatus.IN_USE

    assert work() == ["baremetal.tasks.power_on"]
    assert lit(machine)
    assert machine.bmc.boot.device == PXE

    assert "stage one for web-1" in machine.ipxe()
    assert (machine.row.state, machine.row.step) == ("DEPLOY_START", "stage_one")
    assert machine.get("autorun")[1].startswith("kexec.sh ")

    plan = machine.plan()
    assert list(plan) == [
        *("bearman-plan", "nonce", "kernel", "initramfs", "root", "image", "seed"),
        *("memory", "deny-nic", "append"),
    ]
    assert (machine.row.state, machine.row.step) == ("DEPLOYING", "kexec")
    assert machine.token not in plan["append"]
    assert f"bearman.nonce={machine.nonce}" in plan["append"]
    seed = machine.take_seed()
    assert "bearman/seed" in seed
    assert machine.row.nonce == machine.nonce

    assert machine.get("profile") == (200, "echo hello\n")
    assert (machine.row.state, machine.row.step) == ("DEPLOYING", "configure")
    lines = machine.get("detail", "?format=lines")[1].splitlines()
    assert "hostname web-1" in lines
    assert "address 10.20.0.10/24" in lines
    assert "vlan 120" in lines
    assert machine.post("installed") == (200, "INSTALLED\n")
    assert (machine.row.state, machine.row.step, machine.row.deadline) == ("INSTALLED", "", None)

    baremetal_release(row=machine.row, actor="olga")
    assert work() == ["baremetal.tasks.power_off"]
    assert not lit(machine)
    assert machine.row.state == BaremetalState.RELEASED
    assert machine.status() == NodeStatus.READY
    assert owners() == set()


def test_each_change_of_state_has_its_event(fleet: BmcFleet, room: Profile) -> None:
    machine = ready(fleet, 1)
    row = deploy(machine, room)
    work()
    machine.install()
    events = BaremetalEvent.objects.filter(baremetal=row).exclude(to_state="").order_by("pk")
    assert [(event.from_state, event.to_state, event.actor) for event in events] == [
        ("", "DEPLOY_START", "olga"),
        ("DEPLOY_START", "DEPLOYING", "node"),
        ("DEPLOYING", "INSTALLED", "node"),
    ]


def test_stage_two_is_known_by_the_last_word_before_the_jump(
    fleet: BmcFleet, room: Profile
) -> None:
    machine = ready(fleet, 1)
    deploy(machine, room)
    work()
    machine.ipxe()
    machine.plan()
    machine.post("report", step="fetch", outcome="progress", message="half")
    assert machine.row.step == Step.KEXEC
    machine.post("report", step="kexec", outcome="progress", message="jumping")
    assert machine.row.step == Step.STAGE_TWO


def test_a_diskless_machine_comes_back_by_itself(fleet: BmcFleet, room: Profile) -> None:
    machine = ready(fleet, 1)
    deploy(machine, room, hostname="web-1")
    work()
    machine.install()
    script = machine.ipxe()
    assert "echo Bearman: web-1 with debian/1" in script
    assert machine.token not in script.split("\n")[2], "the secret is not on the command line"
    assert machine.row.up_at is None
    machine.take_seed(machine.token)
    assert machine.get("profile")[0] == 200
    assert machine.post("installed") == (200, "INSTALLED\n")
    assert machine.row.state == BaremetalState.INSTALLED
    assert machine.row.up_at is not None


def test_installed_twice_or_late_does_no_harm(fleet: BmcFleet, room: Profile) -> None:
    machine = ready(fleet, 1)
    deploy(machine, room)
    work()
    machine.install()
    before = machine.row
    assert machine.post("installed") == (200, "INSTALLED\n")
    assert machine.row.installed_at == before.installed_at
    baremetal_release(row=machine.row, actor="olga")
    status, words = machine.post("installed")
    assert status == 401, "a release ends the machine's tokens"
    assert "has ended" in words
    assert machine.row.state == BaremetalState.RELEASING


@pytest.mark.issue("DEP-015")
def test_the_second_of_two_people_is_told_who_was_first(fleet: BmcFleet, room: Profile) -> None:
    machine = ready(fleet, 1)
    deploy(machine, room, hostname="web-1")
    with pytest.raises(
        Conflict, match=r"olga was first: node \d+ got profile web as web-1"
    ) as caught:
        baremetal_deploy(node=machine.node, profile=room, actor="piet", hostname="web-2")
    assert Baremetal.objects.count() == 1
    assert caught.value.issue is deployment.NODE_NOT_FREE


def test_of_many_who_press_at_once_one_wins(fleet: BmcFleet, room: Profile) -> None:
    machine = ready(fleet, 1)
    results: list[str] = []

    def press(number: int) -> None:
        try:
            row = baremetal_deploy(
                node=machine.node, profile=room, actor=f"p{number}", hostname=f"web-{number}"
            )
            results.append(f"won {row.hostname}")
        except BearmanError as error:
            results.append(str(error))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=press, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(words.startswith("won") for words in results) == 1, results
    assert sum("was first" in words for words in results) == 5, results
    assert Baremetal.objects.count() == 1
    assert len(owners()) == 1


def test_the_same_request_gives_the_same_row(fleet: BmcFleet, room: Profile) -> None:
    machine = ready(fleet, 1)
    request = uuid4()
    first = deploy(machine, room, request_id=request)
    again = deploy(machine, room, request_id=request)
    assert first.pk == again.pk


@pytest.mark.issue("DEP-016")
def test_a_host_name_is_taken_once(fleet: BmcFleet, room: Profile) -> None:
    deploy(ready(fleet, 1), room, hostname="web-1")
    with pytest.raises(Conflict, match="The host name web-1 is taken") as caught:
        deploy(ready(fleet, 2), room, hostname="WEB-1")
    assert caught.value.issue is deployment.HOSTNAME_TAKEN


@pytest.mark.parametrize("name", ["-a", "a-", "a.b", "a b", "é", "a" * 64, "$(reboot)", "a\nb"])
def test_what_is_no_host_name_is_refused(fleet: BmcFleet, room: Profile, name: str) -> None:
    machine = ready(fleet, 1)
    with pytest.raises(Invalid, match="no host name"):
        deploy(machine, room, hostname=name)
    assert machine.status() == NodeStatus.READY


def test_without_an_address_nothing_has_happened(fleet: BmcFleet, room: Profile) -> None:
    for number in (1, 2, 3):
        deploy(ready(fleet, number), room)
    machine = ready(fleet, 4)
    with pytest.raises(PoolExhausted):
        deploy(machine, room)
    assert machine.status() == NodeStatus.READY
    assert machine.row.state == BaremetalState.RELEASED
    assert not machine.bmc.powered
    assert len(owners()) == 3


def test_without_a_pool_the_sentence_says_so(fleet: BmcFleet, room: Profile) -> None:
    Pool.objects.update(enabled=False)
    machine = ready(fleet, 1)
    with pytest.raises(NotFound, match="no enabled pool"):
        deploy(machine, room)
    assert machine.status() == NodeStatus.READY


@pytest.mark.issue("DEP-014")
def test_a_node_that_lacks_what_its_flavor_demands_is_refused(
    fleet: BmcFleet, room: Profile
) -> None:
    flavor = Flavor.objects.create(name="big", min_memory_gib=128, min_disks=2)
    machine = ready(fleet, 1, flavor=flavor)
    with pytest.raises(
        Conflict, match="64 GiB of memory instead of 128; 1 disks instead of 2"
    ) as caught:
        deploy(machine, room)
    assert caught.value.issue is deployment.NODE_UNFIT


def test_without_a_name_the_default_of_the_flavor_is_taken(fleet: BmcFleet, room: Profile) -> None:
    flavor = Flavor.objects.create(name="big", default_profile=room)
    assert deploy(ready(fleet, 1, flavor=flavor), None).profile_name == "web"
    with pytest.raises(Invalid, match="no default profile"):
        deploy(ready(fleet, 2), None)


@pytest.mark.issue("DEP-013")
def test_a_profile_that_renders_to_something_invalid_is_refused_in_its_checkers_words(
    fleet: BmcFleet, room: Profile
) -> None:
    bad = Profile(
        name="bad",
        image_name="debian",
        config_format="cloud-init",
        config_body="#cloud-config\nusers: [\n",
    )
    bad.save()
    machine = ready(fleet, 1)
    with pytest.raises(Invalid, match="renders to an invalid cloud-init") as caught:
        deploy(machine, bad)
    assert caught.value.issue is deployment.PROFILE_INVALID
    assert machine.status() == NodeStatus.READY
    assert not Baremetal.objects.exists()


def test_a_change_of_the_profile_does_not_touch_a_machine_that_has_it(
    fleet: BmcFleet, room: Profile
) -> None:
    machine = ready(fleet, 1)
    deploy(machine, room)
    work()
    machine.install()
    changed = Profile.objects.get(pk=room.pk)
    changed.install_script = "echo other\n"
    profile_save(profile=changed)
    machine.ipxe()
    machine.take_seed(machine.token)
    assert machine.get("profile") == (200, "echo hello\n")
    assert machine.row.profile_version == 1


def test_a_profile_in_use_cannot_be_deleted_and_one_that_was_can(
    fleet: BmcFleet, room: Profile
) -> None:
    machine = ready(fleet, 1)
    deploy(machine, room, hostname="web-1")
    with pytest.raises(Conflict, match="Profile web is in use by web-1"):
        profile_delete(profile=room)
    baremetal_release(row=machine.row, actor="olga")
    work()
    profile_delete(profile=room)
    assert machine.row.profile_name == "web"


def test_a_redeployment_keeps_name_and_address_and_cuts_the_power_first(
    fleet: BmcFleet, room: Profile
) -> None:
    machine = ready(fleet, 1)
    row = deploy(machine, room, hostname="web-1")
    work()
    machine.install()
    other = rig.profile("db", install_script="echo db\n")
    baremetal_redeploy(row=machine.row, profile=other, actor="piet")
    assert (machine.row.pk, machine.row.state) == (row.pk, BaremetalState.DEPLOY_START)
    assert machine.row.service_address == row.service_address
    machine.bmc.boot = BootOptions()
    work()
    assert machine.bmc.powered
    assert machine.bmc.boot.device == PXE
    machine.install()
    assert machine.get("profile") == (200, "echo db\n")


def test_a_deployment_under_way_is_not_redeployed_but_cancelled(
    fleet: BmcFleet, room: Profile, settings: Settings
) -> None:
    machine = ready(fleet, 1)
    deploy(machine, room, hostname="web-1")
    with pytest.raises(Conflict, match="olga was first: olga deploys profile web"):
        baremetal_redeploy(row=machine.row, profile=None, actor="piet")
    work()
    baremetal_release(row=machine.row, actor="piet")
    baremetal_release(row=machine.row, actor="olga")
    work()
    assert machine.row.state == BaremetalState.RELEASED
    assert not machine.bmc.powered
    words = BaremetalEvent.objects.filter(baremetal=machine.row, to_state="RELEASING")
    assert [event.message for event in words] == ["piet cancels the deployment."]
