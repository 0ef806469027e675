"""Whatever is late is tried again or given up: nothing hangs, nothing is switched unasked."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from baremetal.door import ISSUE
from baremetal.models import Baremetal, BaremetalEvent
from baremetal.services.deploy import baremetal_deploy
from baremetal.services.machine import plan_get, script_get
from baremetal.services.power import deployment_power_on
from baremetal.services.reconcile import overdue_reconcile
from baremetal.services.release import baremetal_release
from baremetal.services.retry import give_up
from baremetal.states import BaremetalState, Step
from bearman.lib.errors import Conflict
from bearman.lib.issues import deployment
from ipman.models import Address, Pool
from nodes.models import Node
from nodes.services.boot import ANY_PURPOSE, boot_caller
from nodes.states import NodeStatus
from profiles.models import Profile
from simulator.bmc.behaviour import BmcFaults, PowerAction
from simulator.bmc.device import SimulatedBmc
from simulator.bmc.fleet import BmcFleet
from tests.baremetal import rig
from tests.baremetal.rig import Machine, ready, work


def deployed(fleet: BmcFleet, room: Profile, **faults: object) -> Machine:
    """A machine whose deployment has begun."""
    machine = ready(fleet, 1, faults=BmcFaults(**faults))  # type: ignore[arg-type]
    baremetal_deploy(node=machine.node, profile=room, actor="olga", hostname="web-1")
    return machine


def late(machine: Machine) -> None:
    """Let the present deadline pass, and have the reconciler and the worker look."""
    past = timezone.now() - timedelta(seconds=1)
    Baremetal.objects.filter(pk=machine.row.pk).update(deadline=past)
    overdue_reconcile()
    work()


def told(machine: Machine) -> str:
    """The code of the newest event that has one."""
    return BaremetalEvent.objects.filter(baremetal=machine.row).exclude(issue="").latest("pk").issue


def switched(bmc: SimulatedBmc) -> list[PowerAction]:
    """Record what the BMC is asked to switch, from now on."""
    seen: list[PowerAction] = []
    real = bmc.switch

    def record(action: PowerAction) -> None:
        seen.append(action)
        real(action)

    bmc.switch = record  # type: ignore[method-assign]
    return seen


@pytest.mark.issue("DEP-021")
def test_a_kexec_that_leads_nowhere_is_followed_by_a_cold_boot_of_the_same_system(
    fleet: BmcFleet, room: Profile
) -> None:
    machine = deployed(fleet, room)
    work()
    machine.ipxe()
    machine.plan()
    actions = switched(machine.bmc)
    late(machine)
    assert told(machine) == "DEP-021"
    assert actions == [PowerAction.OFF, PowerAction.ON]
    row = machine.row
    assert (row.state, row.step, row.attempt, row.cold_boot) == ("DEPLOYING", "power_on", 2, True)
    assert "echo Bearman: web-1 with debian/1" in machine.ipxe()
    assert machine.row.step == Step.STAGE_TWO
    machine.take_seed(machine.token)
    assert machine.get("profile")[0] == 200
    assert machine.post("installed") == (200, "INSTALLED\n")


@pytest.mark.issue("DEP-008")
def test_a_machine_that_never_comes_up_is_given_up_with_reason_and_advice(
    fleet: BmcFleet, room: Profile, settings: Settings
) -> None:
    machine = deployed(fleet, room)
    work()
    for _ in range(settings.DEPLOY_ATTEMPTS):
        machine.ipxe()
        late(machine)
    row = machine.row
    assert row.state == BaremetalState.UNRECOVERABLE_ERROR
    assert row.step == Step.STAGE_TWO
    assert row.issue == "DEP-008"
    assert "It was tried 3 times" in row.reason
    assert "console" in row.advice
    assert row.deadline is None
    assert machine.bmc.powered, "it stays lit for whoever looks"
    assert "has nothing for this machine" in machine.ipxe()


@pytest.mark.issue("BMC-001")
def test_a_bmc_that_is_silent_is_asked_again_and_given_up_in_its_own_words(
    fleet: BmcFleet, room: Profile
) -> None:
    machine = deployed(fleet, room, silent=True)
    work()
    row = machine.row
    assert row.step == Step.POWER_ON
    assert row.powered_at is None
    assert "127.44.0.1" in row.reason
    assert row.issue == "BMC-001"
    late(machine)
    late(machine)
    late(machine)
    assert machine.row.state == BaremetalState.UNRECOVERABLE_ERROR
    assert "The BMC at 127.44.0.1" in machine.row.reason
    assert machine.row.issue == "BMC-001"


def test_a_bmc_that_answers_again_is_used(fleet: BmcFleet, room: Profile) -> None:
    machine = deployed(fleet, room, silent=True)
    work()
    machine.bmc.faults.silent = False
    late(machine)
    assert machine.bmc.powered
    assert machine.row.powered_at is not None


@pytest.mark.issue("BMC-009")
def test_a_machine_that_stays_off_though_its_bmc_said_yes_is_given_up(
    fleet: BmcFleet, room: Profile
) -> None:
    machine = deployed(fleet, room, power_on_but_stays_off=True)
    work()
    for _ in range(3):
        late(machine)
    assert machine.row.state == BaremetalState.UNRECOVERABLE_ERROR
    assert "it stays off" in machine.row.reason
    assert machine.row.issue == "BMC-009"


@pytest.mark.issue("BOOT-007", "BOOT-009")
def test_a_machine_that_boots_something_else_is_set_right_and_booted_again(
    fleet: BmcFleet, room: Profile
) -> None:
    machine = deployed(fleet, room)
    work()
    machine.bmc.boot.put(5, bytes([0x80, 2 << 2, 0, 0, 0]))  # the disk, by whomever
    late(machine)
    assert machine.bmc.boot.device == 1
    events = BaremetalEvent.objects.filter(baremetal=machine.row).values_list("message", flat=True)
    assert any("did not boot from the network" in words for words in events)
    assert any("was to boot it from disk; set to the network again" in words for words in events)
    codes = set(
        BaremetalEvent.objects.filter(baremetal=machine.row).values_list("issue", flat=True)
    )
    assert {"BOOT-007", "BOOT-009"} <= codes


@pytest.mark.issue("DEP-012")
def test_a_system_with_another_nonce_is_refused_and_written_down(
    fleet: BmcFleet, room: Profile
) -> None:
    machine = deployed(fleet, room)
    work()
    machine.ipxe()
    machine.plan()
    machine.take_seed()
    machine.nonce = "an-old-nonce-0123456789"
    status, words = machine.get("profile")
    assert status == 409
    assert "booted something else than it was told" in words
    assert machine.row.step == Step.KEXEC
    assert BaremetalEvent.objects.filter(baremetal=machine.row).latest("pk").issue == "DEP-012"
    # Its complaint is not heard: the deadline leads to a boot of the right system.
    assert machine.post("report", step="profile", outcome="failed", message="no")[0] == 409
    assert machine.row.state == BaremetalState.DEPLOYING


@pytest.mark.issue("DEP-010")
def test_a_script_that_fails_ends_it_with_its_last_lines(fleet: BmcFleet, room: Profile) -> None:
    machine = deployed(fleet, room)
    work()
    machine.ipxe()
    machine.plan()
    machine.take_seed()
    machine.get("profile")
    status, _ = machine.post(
        "report",
        step="configure",
        outcome="failed",
        message="the install script ended with code 3",
        log_tail="mkdir: cannot create directory%0Agiving up",
    )
    assert status == 200
    row = machine.row
    assert row.state == BaremetalState.UNRECOVERABLE_ERROR
    assert row.reason == "the install script ended with code 3"
    assert row.log_tail == "mkdir: cannot create directory\ngiving up"
    assert "install script" in row.advice
    assert row.deadline is None
    assert row.issue == "DEP-010"


def test_a_machine_that_cannot_kexec_is_booted_cold_at_once(fleet: BmcFleet, room: Profile) -> None:
    machine = deployed(fleet, room)
    work()
    machine.ipxe()
    machine.plan()
    machine.post("report", step="preflight", outcome="cold_boot", message="mlx4_core 2.42")
    assert (machine.row.step, machine.row.cold_boot) == ("power_on", True)
    work()
    assert "web-1 with debian/1" in machine.ipxe()


@pytest.mark.issue("DEP-009")
def test_late_after_its_deadline_it_is_installed_all_the_same(
    fleet: BmcFleet, room: Profile, settings: Settings
) -> None:
    settings.DEPLOY_ATTEMPTS = 1
    machine = deployed(fleet, room)
    work()
    machine.ipxe()
    machine.plan()
    machine.take_seed()
    machine.get("profile")
    late(machine)
    assert machine.row.state == BaremetalState.UNRECOVERABLE_ERROR
    assert machine.row.issue == "DEP-009"
    assert machine.post("installed") == (200, "INSTALLED\n")
    assert machine.row.state == BaremetalState.INSTALLED
    assert (machine.row.issue, machine.row.reason) == ("", "")


@pytest.mark.issue("DEP-022")
def test_a_system_that_goes_in_circles_is_given_up(fleet: BmcFleet, room: Profile) -> None:
    machine = deployed(fleet, room)
    work()
    machine.ipxe()
    machine.plan()
    for _ in range(3):
        script = machine.ipxe()
    assert machine.row.state == BaremetalState.UNRECOVERABLE_ERROR
    assert machine.row.issue == told(machine) == "DEP-022"
    assert "came back to its firmware" in machine.row.reason
    assert "nothing for this machine" in script


def test_progress_moves_the_deadline_but_not_for_ever(
    fleet: BmcFleet, room: Profile, settings: Settings
) -> None:
    machine = deployed(fleet, room)
    work()
    machine.ipxe()
    machine.plan()
    begun = timezone.now() - timedelta(seconds=3 * settings.KEXEC_SECONDS - 10)
    Baremetal.objects.filter(pk=machine.row.pk).update(step_since=begun)
    machine.post("report", step="fetch", outcome="progress", message="1 of 200 MB")
    left = machine.row.deadline - timezone.now()  # type: ignore[operator]
    assert left < timedelta(seconds=11)


def test_what_was_done_before_the_worker_was_killed_is_not_done_again(
    fleet: BmcFleet, room: Profile
) -> None:
    machine = deployed(fleet, room)
    row = machine.row
    actions = switched(machine.bmc)
    deployment_power_on(baremetal_id=row.pk, attempt=1)
    deployment_power_on(baremetal_id=row.pk, attempt=1)
    machine.ipxe()
    deployment_power_on(baremetal_id=row.pk, attempt=1)
    assert actions == [PowerAction.ON]


@pytest.mark.issue("DEP-020")
def test_a_release_whose_bmc_is_silent_keeps_the_address_until_it_is_off(
    fleet: BmcFleet, room: Profile
) -> None:
    machine = deployed(fleet, room)
    work()
    machine.install()
    machine.bmc.faults.silent = True
    baremetal_release(row=machine.row, actor="olga")
    work()
    for _ in range(3):
        late(machine)
    assert machine.row.state == BaremetalState.UNRECOVERABLE_ERROR
    assert machine.row.issue == "DEP-020"
    assert machine.status() == NodeStatus.IN_USE
    assert Address.objects.filter(owner=machine.row.owner).exists()
    machine.bmc.faults.silent = False
    baremetal_release(row=machine.row, actor="olga")
    work()
    assert machine.status() == NodeStatus.READY
    assert not Address.objects.exclude(owner=None).exists()


def test_a_preparation_that_was_cut_short_goes_on(fleet: BmcFleet, room: Profile) -> None:
    machine = deployed(fleet, room)
    # As a process leaves it that dies between its first commit and the next.
    Baremetal.objects.filter(pk=machine.row.pk).update(
        step=Step.PREPARE, spec={}, addresses=[], service_address=None
    )
    assert "is being prepared" in machine.ipxe()
    late(machine)
    assert machine.row.service_address == "10.20.0.10"
    assert Address.objects.exclude(owner=None).count() == 1
    assert machine.bmc.powered


@pytest.mark.issue("ADDR-002")
def test_a_preparation_that_cannot_succeed_frees_the_node(
    fleet: BmcFleet, room: Profile, settings: Settings
) -> None:
    machine = deployed(fleet, room)
    Baremetal.objects.filter(pk=machine.row.pk).update(step=Step.PREPARE, service_address=None)
    Pool.objects.update(enabled=False)
    Address.objects.update(owner=None, key="", allocated_at=None)
    for _ in range(settings.DEPLOY_ATTEMPTS + 1):
        late(machine)
    assert machine.row.state == BaremetalState.RELEASED
    assert machine.status() == NodeStatus.READY
    assert told(machine) == "ADDR-002"


@pytest.mark.parametrize("step", [Step.STAGE_ONE, Step.KEXEC, Step.STAGE_TWO, Step.CONFIGURE])
def test_each_step_of_a_live_profile_has_a_cold_boot_under_it(
    fleet: BmcFleet, room: Profile, step: Step
) -> None:
    machine = deployed(fleet, room)
    work()
    machine.ipxe()
    if step != Step.STAGE_ONE:
        machine.plan()
        machine.take_seed()
    if step == Step.STAGE_TWO:
        machine.post("report", step="kexec", outcome="progress", message="jumping")
    if step == Step.CONFIGURE:
        machine.get("profile")
    late(machine)
    assert (machine.row.step, machine.row.cold_boot, machine.row.attempt) == ("power_on", True, 2)


def test_an_installer_is_booted_without_stage_one_and_leads_to_the_disk(
    fleet: BmcFleet, room: Profile
) -> None:
    installer = rig.profile(
        "classic", config_format="preseed", boots_root=False, append="", install_script=""
    )
    machine = ready(fleet, 2)
    baremetal_deploy(node=machine.node, profile=installer, actor="olga", hostname="db-1")
    work()
    script = machine.ipxe()
    assert "db-1 with debian/1" in script
    assert (machine.row.state, machine.row.step) == ("DEPLOYING", "stage_two")
    seed = machine.take_seed(machine.token)
    assert "preseed.cfg" in seed
    assert machine.get("detail")[0] == 200
    assert machine.post("installed") == (200, "INSTALLED\n")
    assert "sanboot" in machine.ipxe()


@pytest.mark.issue("BOOT-008")
def test_a_stage_one_that_never_runs_its_script_is_booted_again_and_given_up(
    fleet: BmcFleet, room: Profile, settings: Settings
) -> None:
    settings.DEPLOY_ATTEMPTS = 1
    machine = deployed(fleet, room)
    work()
    machine.ipxe()
    assert machine.row.step == Step.STAGE_ONE
    late(machine)
    row = machine.row
    assert (row.state, row.step, row.issue) == ("UNRECOVERABLE_ERROR", "stage_one", "BOOT-008")
    assert "(BOOT-008)" in machine.ipxe(), "also whoever stands before it can look it up"


@pytest.mark.issue("DEP-018")
def test_without_a_worker_a_deployment_ends_and_says_so(
    fleet: BmcFleet, room: Profile, settings: Settings
) -> None:
    settings.DEPLOY_ATTEMPTS = 1
    machine = deployed(fleet, room)
    Baremetal.objects.update(deadline=timezone.now() - timedelta(seconds=1))
    overdue_reconcile()
    row = machine.row
    assert (row.state, row.issue) == (BaremetalState.UNRECOVERABLE_ERROR, "DEP-018")
    assert "bearman worker" in row.advice


@pytest.mark.issue("DEP-017")
def test_a_deployment_whose_node_lost_its_zone_cannot_be_prepared(
    fleet: BmcFleet, room: Profile, settings: Settings
) -> None:
    settings.DEPLOY_ATTEMPTS = 2
    machine = deployed(fleet, room)
    Baremetal.objects.filter(pk=machine.row.pk).update(step=Step.PREPARE, service_address=None)
    Node.objects.update(zone=None)
    for _ in range(settings.DEPLOY_ATTEMPTS + 1):
        late(machine)
    assert machine.row.state == BaremetalState.RELEASED
    assert told(machine) == "DEP-017"


@pytest.mark.issue("DEP-001")
def test_a_failure_that_nobody_foresaw_has_a_code_too(fleet: BmcFleet, room: Profile) -> None:
    machine = deployed(fleet, room)
    work()
    machine.ipxe()
    machine.plan()
    machine.post("report", step="preflight", outcome="failed", message="odd", issue="NONE-001")
    row = machine.row
    assert (row.state, row.issue) == (BaremetalState.UNRECOVERABLE_ERROR, "DEP-001")


@pytest.mark.issue("DEP-005")
def test_why_a_machine_is_booted_cold_is_on_the_time_line(fleet: BmcFleet, room: Profile) -> None:
    machine = deployed(fleet, room)
    work()
    machine.ipxe()
    machine.plan()
    machine.post(
        "report", step="preflight", outcome="cold_boot", message="mlx4_core 2.42", issue="DEP-005"
    )
    assert told(machine) == "DEP-005"
    assert machine.row.issue == "", "it goes on"


def test_the_machines_own_code_and_advice_end_a_deployment(fleet: BmcFleet, room: Profile) -> None:
    machine = deployed(fleet, room)
    work()
    machine.ipxe()
    machine.plan()
    machine.post(
        "report",
        step="fetch",
        outcome="failed",
        message="damaged",
        issue="DEP-002",
        advice="Look for a proxy.",
    )
    row = machine.row
    assert (row.issue, row.advice) == ("DEP-002", "Look for a proxy.")


@pytest.mark.issue("DEP-019")
def test_a_machine_for_which_nothing_is_left_is_told_so(fleet: BmcFleet, room: Profile) -> None:
    machine = deployed(fleet, room)
    work()
    machine.ipxe()
    machine.plan()
    machine.take_seed()
    machine.get("profile")
    caller = boot_caller(
        token=machine.token, uuid=machine.uuid, source="127.0.0.1", purposes=ANY_PURPOSE
    )
    give_up(row=machine.row, reason="Enough.")
    with pytest.raises(Conflict, match="There is nothing for this machine now") as caught:
        script_get(row=machine.row)
    assert caught.value.issue is deployment.NOTHING_TO_BOOT
    headers = {"Authorization": f"Bearer {machine.token}", "X-Bearman-Nonce": machine.row.nonce}
    answer = machine.client.get(f"/profile/{machine.uuid}", headers=headers)
    assert (answer.status_code, answer.headers[ISSUE]) == (409, "DEP-019")
    Baremetal.objects.update(state=BaremetalState.RELEASED, profile=None, image=None)
    with pytest.raises(Conflict, match="Nothing is deployed on this machine any more") as caught:
        plan_get(caller=caller)
    assert caught.value.issue is deployment.NOTHING_TO_BOOT
