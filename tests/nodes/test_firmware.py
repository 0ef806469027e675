"""What a machine is told to do about its firmware, and what becomes of that."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone
from pytest_django import Settings

from bearman.lib.errors import Conflict, Invalid, NotFound, TooLarge
from bearman.lib.network import networks
from ipman.models import Pool
from ipman.services import pool_save
from nodes.models import BootRequest, FirmwareBaseline, FirmwareUpdate, Node, NodeEvent
from nodes.services.boot import boot_ask, boot_caller
from nodes.services.firmware_baselines import baseline_save, baseline_stop, updates_again
from nodes.services.reconcile import overdue_fail
from nodes.services.zones import zone_ensure
from nodes.states import NodeStatus
from profiles.models import Flavor
from tests.nodes.firmware_rig import SOURCE, Box, baseline, much_later

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def site(settings: Settings) -> None:
    settings.ENROLMENT_NETWORKS = networks(["127.0.0.0/8"])
    zone_ensure(name="z1", networks=["127.0.0.0/8"])
    pool_save(
        pool=Pool(
            name="p",
            zone="z1",
            purpose="ipmi",
            first="10.0.0.10",
            last="10.0.0.90",
            prefix_length=24,
        )
    )


def said() -> list[str]:
    """The latest words on the time line, newest first."""
    return list(NodeEvent.objects.order_by("-id").values_list("message", flat=True)[:5])


def test_without_baselines_there_is_nothing_to_do() -> None:
    plan = Box().boot().plan()
    assert (plan.updates, plan.found, plan.verdict.passed) == ([], [], True)


def test_a_machine_that_is_up_to_date_has_nothing_to_do_and_nothing_is_kept() -> None:
    baseline(wanted="2.12.4")
    assert Box().boot().plan().updates == []
    assert not FirmwareUpdate.objects.exists()


def test_baselines_for_other_machines_do_not_count() -> None:
    baseline(vendor_pattern="Dell*")
    baseline("b2", product_pattern="*R640")
    baseline("b3", mode="off")
    assert Box().boot().plan().updates == []


def test_a_machine_that_is_behind_gets_all_that_the_update_needs() -> None:
    kept = baseline(arguments=["--quiet", "slot=@target@"], timeout_seconds=900)
    (planned,) = Box().boot().plan().updates
    row = planned.row
    assert (row.from_version, row.wanted_version, row.state) == ("2.12.4", "2.14.0", "planned")
    assert planned.url == default_storage.url(kept.artefact_path)
    assert not planned.read_first


def test_a_bios_that_needs_a_restart_is_done_when_the_next_boot_shows_it() -> None:
    baseline()
    box = Box().boot()
    update = box.only()
    assert box.report(update, "started")[0]
    box.report(update, "rebooting")
    assert box.row.state == "rebooting"
    box.bios = "2.14.0"
    plan = box.boot().plan()
    assert (plan.updates, plan.found) == ([], [])
    assert box.row.state == "done"
    assert said()[0] == "BIOS is 2.14.0 now; it was 2.12.4."
    assert box.node.status == NodeStatus.REGISTERING


def test_an_adapter_is_done_once_for_all_its_ports_when_it_is_read_back() -> None:
    baseline(
        "nic",
        component="nic",
        model_pattern="mlx5_core MT_*",
        comparator="mellanox",
        wanted="22.35.2000",
    )
    box = Box().boot()
    (planned,) = box.plan().updates
    assert (planned.row.target, planned.row.title) == ("eno1", "NIC eno1 and eno2 (mlx5_core)")
    box.report(planned.row.pk, "started")
    box.nic = "22.35.2000 (MT_0000000359)"
    apply, verdict = box.report(planned.row.pk, "applied", reading=box.ethtool())
    assert (apply, verdict.passed) == (False, True)
    assert box.row.state == "done"
    assert box.plan().updates == []


def test_a_bmc_is_known_by_its_new_version_at_once() -> None:
    baseline("bmc", component="bmc", comparator="bmc", wanted="4.22")
    box = Box().boot()
    update = box.only()
    assert box.node.bmc_version == "4.20"
    box.report(update, "started")
    box.bmc = "4.22"
    assert box.report(update, "applied", reading=box.mc_info())[1].passed
    assert box.node.bmc_version == "4.22"


def test_a_disk_is_known_by_exactly_one_revision() -> None:
    baseline(
        "disk",
        component="disk",
        model_pattern="PM9A3*",
        comparator="exact",
        wanted="GDC5602Q",
        match="exact",
    )
    box = Box().boot()
    update = box.only()
    box.report(update, "started")
    box.disk = "GDC5602Q"
    assert box.report(update, "applied", reading=box.lsblk())[1].passed
    assert box.row.state == "done"


def test_updates_come_in_an_order_in_which_the_bios_is_last() -> None:
    baseline()
    baseline(
        "disk", component="disk", model_pattern="*", comparator="exact", wanted="X", match="exact"
    )
    baseline(
        "nic",
        component="nic",
        model_pattern="mlx5_core",
        comparator="mellanox",
        wanted="22.35.2000",
    )
    baseline("bmc-b", component="bmc", comparator="bmc", wanted="4.30")
    baseline("bmc-a", component="bmc", comparator="bmc", wanted="4.22", position=10)
    updates = Box().boot().plan().updates
    assert [planned.row.baseline.name for planned in updates] == [
        *("bmc-a", "bmc-b", "nic", "disk", "bios")
    ]


def test_asking_twice_and_saying_everything_twice_changes_nothing() -> None:
    baseline()
    box = Box().boot()
    update = box.only()
    assert box.only() == update
    assert box.report(update, "started")[0]
    assert box.report(update, "started")[0]
    assert box.row.attempts == 1
    box.report(update, "rebooting")
    box.report(update, "rebooting")
    box.bios = "2.14.0"
    box.boot()
    box.plan()
    events = NodeEvent.objects.count()
    box.plan()
    apply, verdict = box.report(update, "applied", reading=b"nonsense")
    assert (apply, verdict.passed) == (False, True)
    assert not box.report(update, "started")[0]
    assert NodeEvent.objects.count() == events
    assert box.row.state == "done"


def test_an_update_of_another_machine_is_not_found() -> None:
    baseline()
    update = Box(1).boot().only()
    with pytest.raises(NotFound, match=f"no firmware update {update}"):
        Box(2).boot().report(update, "started")
    with pytest.raises(NotFound):
        Box(3).boot().report(2**64 - 1, "started")


def test_a_machine_that_has_not_registered_or_does_not_register_is_refused() -> None:
    box = Box().boot()
    Node.objects.update(status=NodeStatus.MAINTENANCE)
    with pytest.raises(Conflict, match="is MAINTENANCE"):
        box.plan()
    stranger = Box(2)
    token = boot_ask(uuid=stranger.machine.uuid, source=SOURCE).token or ""
    stranger.caller = boot_caller(token=token, uuid=None, source=SOURCE)
    with pytest.raises(Conflict, match="has not registered"):
        stranger.plan()


def test_more_than_the_limit_is_refused_also_in_what_the_bmc_says(settings: Settings) -> None:
    box = Box().boot()
    settings.INVENTORY_MAX_BYTES = box.raw().size() + 10
    with pytest.raises(TooLarge):
        box.plan()


@pytest.mark.issue("FW-001")
def test_a_dry_run_tells_and_does_nothing() -> None:
    baseline(mode="dry_run")
    box = Box().boot()
    plan = box.plan()
    assert (plan.updates, plan.verdict.passed) == ([], True)
    assert box.findings() == ["FW-001"]
    assert plan.found[0].message == (
        "BIOS has 2.12.4, and baseline bios wants 2.14.0 or newer; it is a dry run."
    )


@pytest.mark.issue("FW-003")
def test_a_version_that_stays_after_the_restart_is_silently_not_applied() -> None:
    baseline()
    box = Box().boot()
    update = box.only()
    box.report(update, "started")
    box.report(update, "rebooting")
    plan = box.boot().plan()
    assert (plan.updates, plan.verdict.passed) == ([], False)
    assert box.failed("FW-003")
    assert box.node.reason == (
        "BIOS: vendor said that 2.14.0 is in place, but the version is 2.12.4 as before."
    )
    again = box.plan()
    assert again.verdict.reason == plan.verdict.reason, "a lost answer is the same again"
    assert box.row.attempts == 1


@pytest.mark.issue("FW-003")
def test_a_tool_that_lies_is_found_out_without_a_restart() -> None:
    baseline("bmc", component="bmc", comparator="bmc", wanted="4.22")
    box = Box().boot()
    update = box.only()
    box.report(update, "started")
    apply, verdict = box.report(update, "applied", reading=box.mc_info(), log="All is well.")
    assert (apply, verdict.passed) == (False, False)
    assert verdict.issue is not None
    assert verdict.issue.code == "FW-003"
    assert box.failed("FW-003")
    assert box.row.log_tail == "All is well."


def test_who_boots_a_failed_machine_again_has_it_tried_again_but_not_for_ever() -> None:
    baseline()
    box = Box().boot()
    for attempt in (1, 2, 3):
        box.report(box.only(), "started")
        assert box.row.attempts == attempt
        box.report(box.row.pk, "rebooting")
        assert not box.boot().plan().verdict.passed
        box.boot()
    assert box.plan().updates == []
    assert "press Try firmware again" in box.node.advice
    updates_again(node=box.node, actor="ada")
    assert box.boot().only()


def test_in_the_same_boot_a_failure_is_tried_again_once_somebody_had_time_to_mend_it() -> None:
    baseline()
    box = Box().boot()
    update = box.only()
    box.report(update, "started")
    box.report(update, "failed", code=1)
    assert box.plan().updates == []
    much_later()
    assert box.only() == update
    assert box.node.status == NodeStatus.REGISTERING


def test_what_was_mended_by_hand_goes_on() -> None:
    baseline()
    box = Box().boot()
    update = box.only()
    box.report(update, "started")
    box.report(update, "failed", code=1)
    box.bios = "2.14.0"
    assert box.boot().plan().verdict.passed
    assert box.findings() == []
    assert box.node.issue == ""


@pytest.mark.issue("FW-004")
def test_a_tool_that_fails_ends_the_registration_with_its_output() -> None:
    baseline()
    box = Box().boot()
    update = box.only()
    box.report(update, "started")
    box.report(update, "failed", code=7, log="\x1b[31mno such slot\x1b[0m\nbmt_" + "A" * 43)
    assert box.failed("FW-004")
    assert box.node.reason == "BIOS: vendor ended with code 7 at the update to 2.14.0."
    event = NodeEvent.objects.filter(issue="FW-004").latest("id")
    assert "no such slot" in event.log_tail
    assert "\x1b" not in event.log_tail


@pytest.mark.issue("FW-004")
def test_a_tool_that_is_not_there_is_said_to_be_that() -> None:
    baseline()
    box = Box().boot()
    box.report(box.only(), "failed", code=127)
    assert box.node.reason == "BIOS: vendor could not be run at the update to 2.14.0."
    assert box.failed("FW-004")


def test_a_command_needs_a_file_only_where_it_names_one() -> None:
    none: dict[str, Any] = {
        "artefact_path": "",
        "artefact_size": 0,
        "artefact_sha256": "",
        "tool": "command",
    }
    baseline(**none, arguments=["board-flash", "--from-its-own-store"])
    (planned,) = Box().boot().plan().updates
    assert (planned.url, planned.row.baseline.arguments) == (
        *("", ["board-flash", "--from-its-own-store"]),
    )
    with pytest.raises(Invalid, match="Nothing is applied without a file"):
        baseline("other", **none, arguments=["board-flash", "@file@"])


@pytest.mark.issue("FW-016")
def test_a_file_that_cannot_be_fetched_is_no_fault_of_the_tool() -> None:
    baseline()
    box = Box().boot()
    box.report(box.only(), "failed", code=125, log="http://files/bios answered 404\n")
    assert box.failed("FW-016")
    words = "BIOS: the file of the update to 2.14.0 could not be fetched."
    assert box.node.reason == words


@pytest.mark.issue("FW-005")
def test_a_tool_that_hangs_is_called_that() -> None:
    baseline(timeout_seconds=60)
    box = Box().boot()
    update = box.only()
    box.report(update, "started")
    box.report(update, "failed", code=124)
    assert box.failed("FW-005")
    assert "did not end within 60 s" in box.node.reason


@pytest.mark.issue("FW-006")
def test_a_power_cut_in_the_middle_is_resumed_and_too_many_end_it() -> None:
    baseline("bmc", component="bmc", comparator="bmc", wanted="4.22")
    box = Box().boot()
    for attempt in (1, 2, 3):
        assert box.report(box.only(), "started")[0]
        assert box.row.attempts == attempt
        box.boot()
    assert not box.plan().verdict.passed
    assert box.failed("FW-006")
    assert any("was cut off" in words for words in said())


def test_an_update_that_was_finished_before_the_power_cut_is_done() -> None:
    baseline("bmc", component="bmc", comparator="bmc", wanted="4.22")
    box = Box().boot()
    box.report(box.only(), "started")
    box.bmc = "4.22"
    assert box.boot().plan().updates == []
    assert box.row.state == "done"


@pytest.mark.issue("FW-007")
def test_versions_of_two_series_are_not_guessed_at() -> None:
    baseline(
        "nic",
        component="nic",
        model_pattern="mlx5_core",
        comparator="mellanox",
        wanted="16.35.2000",
    )
    box = Box().boot()
    plan = box.plan()
    assert (plan.updates, plan.verdict.passed) == ([], True)
    assert box.findings() == ["FW-007"]


@pytest.mark.issue("FW-008")
@pytest.mark.parametrize("version", ["", "rubbish"])
def test_a_version_that_cannot_be_read_is_found_and_nothing_is_done(version: str) -> None:
    baseline(
        "nic",
        component="nic",
        model_pattern="mlx5_core",
        comparator="mellanox",
        wanted="22.35.2000",
    )
    box = Box(nic=version).boot()
    assert box.plan().updates == []
    assert box.findings() == ["FW-008"]


@pytest.mark.issue("FW-009")
def test_a_newer_version_is_never_taken_back() -> None:
    baseline(wanted="2.10.0", match="exact")
    box = Box().boot()
    plan = box.plan()
    assert (plan.updates, plan.verdict.passed) == ([], True)
    assert box.findings() == ["FW-009"]


@pytest.mark.issue("FW-009")
def test_a_flavor_may_let_a_warning_end_the_registration() -> None:
    baseline(wanted="2.10.0", match="exact")
    box = Box().boot()
    strict(box, "warning")
    assert not box.plan().verdict.passed
    assert box.failed("FW-009")


def test_a_flavor_may_let_a_failed_update_pass() -> None:
    baseline()
    box = Box().boot()
    strict(box, "never")
    update = box.only()
    box.report(update, "started")
    assert box.report(update, "failed", code=1)[1].passed
    assert box.findings() == ["FW-004"]
    assert box.node.status == NodeStatus.REGISTERING
    assert box.plan().updates == [], "it goes on without it, and does not begin again"


@pytest.mark.issue("FW-010")
def test_an_update_that_makes_it_older_is_an_error() -> None:
    baseline()
    box = Box().boot()
    box.report(box.only(), "started")
    box.report(box.row.pk, "rebooting")
    box.bios = "2.10.0"
    box.boot().plan()
    assert box.failed("FW-010")


@pytest.mark.issue("FW-011")
@pytest.mark.parametrize("brought", ["2.13.0", "A12"])
def test_an_update_that_brings_another_version_is_an_error(brought: str) -> None:
    baseline()
    box = Box().boot()
    box.report(box.only(), "started")
    box.report(box.row.pk, "rebooting")
    box.bios = brought
    box.boot().plan()
    assert box.failed("FW-011")


@pytest.mark.issue("FW-012")
def test_a_component_that_says_nothing_after_its_update_is_an_error() -> None:
    baseline("bmc", component="bmc", comparator="bmc", wanted="4.22")
    box = Box().boot()
    box.report(box.only(), "started")
    box.report(box.row.pk, "applied", reading=b"Could not open device at /dev/ipmi0")
    assert box.failed("FW-012")


@pytest.mark.issue("FW-012")
def test_a_component_that_says_nothing_after_a_power_cut_is_an_error() -> None:
    baseline("bmc", component="bmc", comparator="bmc", wanted="4.22")
    box = Box().boot()
    box.report(box.only(), "started")
    box.bmc = ""
    box.boot().plan()
    assert box.failed("FW-012")


@pytest.mark.issue("FW-014")
def test_of_two_baselines_that_contradict_each_other_the_first_counts() -> None:
    baseline(
        "first",
        component="disk",
        model_pattern="*",
        comparator="exact",
        wanted="X",
        match="exact",
        position=1,
    )
    baseline(
        "second",
        component="disk",
        model_pattern="PM*",
        comparator="exact",
        wanted="Y",
        match="exact",
    )
    box = Box().boot()
    (planned,) = box.plan().updates
    assert planned.row.wanted_version == "X"
    assert box.findings() == ["FW-014"]
    box.disk = "X"
    assert box.boot().plan().updates == []


@pytest.mark.issue("FW-015")
def test_a_machine_that_did_not_restart_is_told_to() -> None:
    baseline()
    box = Box().boot()
    box.report(box.only(), "started")
    box.report(box.row.pk, "rebooting")
    assert not box.plan().verdict.passed
    assert box.failed("FW-015")
    box.bios = "2.14.0"
    assert box.boot().plan().verdict.passed


def test_a_version_that_only_the_tool_can_read_is_read_before_and_after() -> None:
    baseline("bmc", component="bmc", comparator="dotted", wanted="6.10.30.00", read_with="tool")
    box = Box().boot()
    (planned,) = box.plan().updates
    assert planned.read_first
    assert planned.row.from_version == ""
    update = planned.row.pk
    assert box.report(update, "read", reading=b"6.00.02.00\nmore\n")[0]
    assert box.report(update, "started")[0]
    assert box.report(update, "applied", reading=b"6.10.30.00\n")[1].passed
    assert box.row.from_version == "6.00.02.00"
    assert not box.boot().report(box.only(), "read", reading=b"6.10.30.00")[0]
    assert box.row.state == "done"


@pytest.mark.issue("FW-003", "FW-006")
def test_what_only_the_tool_can_read_is_judged_by_it_after_a_restart_and_after_power_cuts() -> None:
    baseline("bmc", component="bmc", comparator="bmc", wanted="6.10", read_with="tool", reboot=True)
    box = Box().boot()
    box.report(box.only(), "read", reading=b"6.00")
    box.report(box.row.pk, "started")
    box.report(box.row.pk, "rebooting")
    assert not box.boot().report(box.only(), "read", reading=b"6.00")[1].passed
    assert box.failed("FW-003")
    for _ in range(2):
        box.boot().report(box.only(), "read", reading=b"6.00")
        assert box.report(box.row.pk, "started")[0]
    apply, _ = box.boot().report(box.only(), "read", reading=b"6.00")
    assert not apply
    assert box.failed("FW-006")


def test_a_baseline_that_is_stopped_in_the_meantime_is_not_applied() -> None:
    kept = baseline()
    box = Box().boot()
    update = box.only()
    baseline_stop(baseline=kept)
    apply, verdict = box.report(update, "started")
    assert (apply, verdict.passed) == (False, True)
    assert "switched off in the meantime" in box.row.reason


def test_a_changed_baseline_begins_anew() -> None:
    kept = baseline()
    box = Box().boot()
    box.report(box.only(), "started")
    box.report(box.row.pk, "failed", code=1)
    kept.wanted = "2.13.0"
    baseline_save(baseline=kept)
    assert FirmwareBaseline.objects.get().revision == 2
    (planned,) = box.plan().updates
    assert (planned.row.wanted_version, planned.row.attempts) == ("2.13.0", 0)


def test_a_long_update_has_its_time_and_a_silent_one_still_ends() -> None:
    baseline(timeout_seconds=7200)
    box = Box().boot()
    update = box.only()
    box.report(update, "started")
    node = box.node
    assert node.deadline is not None
    assert node.deadline - timezone.now() > timedelta(seconds=7200)
    assert BootRequest.objects.get(node=node).expires_at >= node.deadline
    assert overdue_fail() == 0
    Node.objects.update(deadline=timezone.now() - timedelta(seconds=1))
    assert overdue_fail() == 1
    assert box.node.status == NodeStatus.REGISTER_FAILED
    box.report(update, "rebooting")
    assert box.node.status == NodeStatus.REGISTERING, "it was only late"


def strict(box: Box, stops_at: str) -> None:
    flavor = Flavor.objects.create(name="strict", stops_at=stops_at)
    Node.objects.filter(pk=box.node.pk).update(flavor=flavor)
