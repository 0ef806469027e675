"""Words of boots that are over, and what a time line takes: what a strict reader found."""

from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection
from django.utils import timezone

from baremetal.models import Baremetal, BaremetalEvent
from baremetal.overview import is_late
from baremetal.services.deploy import baremetal_redeploy
from baremetal.services.reconcile import overdue_reconcile
from baremetal.states import BaremetalState, Step
from nodes.models import BootRequest
from nodes.services.reports import MAX_REPORTS
from profiles.models import Profile
from simulator.bmc.behaviour import PowerAction
from simulator.bmc.fleet import BmcFleet
from tests.baremetal import rig
from tests.baremetal.rig import Machine, work
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


def messages(machine: Machine) -> list[str]:
    """The sentences of the newest deployment's time line."""
    events = BaremetalEvent.objects.filter(baremetal=machine.row).order_by("pk")
    return list(events.values_list("message", flat=True))


def overdue(machine: Machine) -> None:
    """Let the deadline pass, and have the reconciler look; the worker does nothing."""
    past = timezone.now() - timedelta(seconds=1)
    Baremetal.objects.filter(pk=machine.row.pk).update(deadline=past)
    overdue_reconcile()


# --- Words of boots that are over -----------------------------------------------------------------


def test_a_late_word_of_stage_one_does_not_end_the_next_attempt(staged: Machine) -> None:
    overdue(staged)  # the next attempt waits for the worker, and the old kexec.sh still runs
    assert (staged.row.step, staged.row.attempt) == ("power_on", 2)
    assert staged.post("report", step="fetch", outcome="failed", message="late")[0] == 401
    assert staged.row.state == BaremetalState.DEPLOYING


def test_the_system_from_before_cannot_end_a_redeployment(used: Machine) -> None:
    baremetal_redeploy(row=used.row, profile=None, actor="olga")
    used.nonce = ""
    assert used.post("report", step="configure", outcome="failed", message="old")[0] == 401
    assert used.row.state == BaremetalState.DEPLOY_START


def test_stage_one_is_not_heard_once_the_system_is_up(fleet: BmcFleet, room: Profile) -> None:
    machine = deployed(fleet, room)
    work()
    machine.ipxe()
    machine.plan()
    old = machine.token
    machine.take_seed()
    machine.get("profile")
    machine.token, machine.nonce = old, ""
    assert machine.post("report", step="kexec", outcome="failed", message="x")[0] == 401
    assert (machine.row.state, machine.row.step) == ("DEPLOYING", "configure")


@pytest.mark.issue("DEP-010")
def test_a_script_that_fails_after_a_restart_marks_a_machine_in_use(used: Machine) -> None:
    used.ipxe()
    used.take_seed(used.token)
    used.get("profile")
    answer = used.post(
        "report", step="configure", outcome="failed", message="no+mirror", log_tail="apt"
    )
    assert answer == (200, "INSTALLED\n")
    row = used.row
    assert (row.state, row.reason, row.log_tail) == ("INSTALLED", "no mirror", "apt")
    assert "install script" in row.advice
    assert row.issue == "DEP-010"
    assert rig.SEED.search(used.ipxe()), "it boots its system again"
    used.take_seed(used.token)
    assert used.post("installed") == (200, "INSTALLED\n")
    row = used.row
    assert (row.reason, row.advice, row.log_tail) == ("", "", "")
    assert row.issue == ""


def test_a_machine_in_use_that_is_mended_by_hand_says_so(used: Machine) -> None:
    used.post("report", step="configure", outcome="failed", message="no+mirror")
    assert used.row.reason
    assert used.post("installed") == (200, "INSTALLED\n")
    assert not used.row.reason


def test_a_machine_that_restarts_for_ever_is_late(used: Machine) -> None:
    used.ipxe()
    Baremetal.objects.update(told_at=timezone.now() - timedelta(hours=5))
    assert is_late(used.row)
    before = len(messages(used))
    used.ipxe()  # it has not come up, and restarts again
    assert is_late(used.row)
    assert len(messages(used)) == before


def test_a_machine_that_asks_while_its_power_is_cut_is_charged_no_attempt(staged: Machine) -> None:
    overdue(staged)
    real = staged.bmc.switch

    def ask() -> None:
        staged.ipxe()
        connection.close()

    def switch(action: PowerAction) -> None:
        staged.bmc.switch = real  # type: ignore[method-assign]
        asking = Thread(target=ask)
        asking.start()
        asking.join()
        real(action)

    staged.bmc.switch = switch  # type: ignore[method-assign]
    work()
    assert staged.row.step == Step.STAGE_TWO, "it did ask"
    assert staged.bmc.powered
    staged.ipxe()
    assert (staged.row.state, staged.row.attempt) == ("DEPLOYING", 2)
    staged.ipxe()
    assert staged.row.attempt == 3, "now it did come back by itself"


# --- What fills the time line, and what it says ---------------------------------------------------


def test_a_machine_that_asks_for_ever_does_not_fill_the_time_line(
    fleet: BmcFleet, room: Profile
) -> None:
    machine = deployed(fleet, room)
    work()
    machine.ipxe()
    before = len(messages(machine))
    for _ in range(5):
        assert "stage one" in machine.ipxe()
    assert len(messages(machine)) == before


def test_a_system_with_another_nonce_is_written_down_a_bounded_number_of_times(
    staged: Machine,
) -> None:
    staged.take_seed()
    staged.nonce = "an-old-nonce-0123456789"
    assert staged.get("profile")[0] == 409
    assert BootRequest.objects.filter(reports=1).exists()
    BootRequest.objects.update(reports=MAX_REPORTS)
    before = len(messages(staged))
    assert staged.get("profile")[0] not in (200, 409)
    assert len(messages(staged)) == before


def test_a_token_in_what_a_machine_says_is_not_kept(staged: Machine) -> None:
    staged.take_seed()
    staged.get("profile")
    words = f"curl+-H+Bearer+{staged.token}"
    staged.post("report", step="configure", outcome="failed", message=words, log_tail=words)
    row = staged.row
    assert row.state == BaremetalState.UNRECOVERABLE_ERROR
    assert row.log_tail.startswith("curl -H")
    assert row.reason.startswith("curl -H")
    kept = BaremetalEvent.objects.filter(baremetal=row).values_list("message", "log_tail")
    assert not any(staged.token in f"{message}{log}" for message, log in kept)
    assert staged.token not in f"{row.log_tail}{row.reason}"


def test_a_second_attempt_does_not_blame_the_boot_device(staged: Machine) -> None:
    late(staged)  # here the BMC has still the device that Bearman set
    assert staged.bmc.boot.device == 1
    staged.ipxe()
    staged.bmc.boot.take()  # and here it is as after a boot: none
    late(staged)
    assert staged.row.attempt == 3
    assert not any("was to boot it from" in words for words in messages(staged))


@pytest.mark.issue("BMC-002")
def test_a_refused_login_is_said_with_the_advice_of_the_bmc(fleet: BmcFleet, room: Profile) -> None:
    machine = deployed(fleet, room)
    machine.bmc.set_user(
        4, name="bearman", password="another", enabled=True, privilege=4, ipmi_messaging=True
    )
    work()
    assert machine.row.state == BaremetalState.UNRECOVERABLE_ERROR
    assert machine.row.attempt == 1, "BMCs lock accounts"
    assert "redeploy" not in machine.row.advice
    assert machine.row.issue == "BMC-002"


def test_a_silent_bmc_keeps_its_own_advice_to_the_end(fleet: BmcFleet, room: Profile) -> None:
    machine = deployed(fleet, room, silent=True)
    work()
    own = machine.row.advice
    assert own
    for _ in range(3):
        late(machine)
    assert machine.row.state == BaremetalState.UNRECOVERABLE_ERROR
    assert machine.row.advice == own


def test_a_machines_words_end_before_ours_begin(staged: Machine) -> None:
    late(staged)
    staged.ipxe()
    staged.take_seed(staged.token)
    staged.get("profile")
    staged.post("report", step="configure", outcome="failed", message="ended+with+code+1")
    assert staged.row.reason == "ended with code 1. It was tried 2 times."
