"""One machine first, then the others: also when all of them ask at once."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections
from pytest_django import Settings

from bearman.lib.errors import Conflict
from bearman.lib.network import networks
from ipman.models import Pool
from ipman.services import pool_save
from nodes.models import FirmwareBaseline, FirmwareUpdate, Node
from nodes.models.firmware import CanaryState, UpdateState
from nodes.services import firmware
from nodes.services.firmware_baselines import (
    baseline_save,
    baseline_stop,
    canary_again,
    canary_pass,
)
from nodes.services.zones import zone_ensure
from nodes.states import NodeStatus
from tests.nodes.firmware_rig import Box, baseline

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def site(settings: Settings) -> Iterator[None]:
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
    yield
    connection.close()


def canary() -> FirmwareBaseline:
    """A baseline for BMCs that begins with one node."""
    return baseline("bmc", component="bmc", comparator="bmc", wanted="4.22", mode="canary")


def update_well(box: Box) -> None:
    """Do the update that is due, with a tool that does its work."""
    update = box.only()
    assert box.report(update, "started")[0]
    box.bmc = "4.22"
    assert box.report(update, "applied", reading=box.mc_info())[1].passed


def at_once(boxes: list[Box], call: Callable[[Box], int]) -> list[int]:
    """Do the same for all of them in the same moment, each with its own connection."""

    def one(box: Box) -> int:
        try:
            return call(box)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(boxes)) as threads:
        return list(threads.map(one, boxes))


@pytest.mark.issue("FW-002")
def test_of_many_that_ask_at_once_exactly_one_is_the_canary() -> None:
    canary()
    boxes = [Box(number).boot() for number in range(1, 13)]
    due = at_once(boxes, lambda box: len(box.plan().updates))
    assert sorted(due) == [0] * 11 + [1]
    first = boxes[due.index(1)]
    row = FirmwareBaseline.objects.get()
    assert (row.canary, row.canary_state) == (first.node, CanaryState.TRYING)
    held = [box for box in boxes if box is not first]
    assert all(box.findings() == ["FW-002"] for box in held)
    assert all(box.node.status == NodeStatus.REGISTERING for box in held)
    assert first.findings() == []


def test_when_the_canary_is_done_all_others_follow_by_themselves() -> None:
    canary()
    first, second = Box(1).boot(), Box(2).boot()
    first.plan()
    assert second.plan().updates == []
    update_well(first)
    assert FirmwareBaseline.objects.get().canary_state == CanaryState.PASSED
    update_well(second)
    assert second.findings() == []


def test_a_canary_passes_only_with_the_last_of_its_parts() -> None:
    baseline(
        "disk",
        component="disk",
        model_pattern="*",
        comparator="exact",
        wanted="X",
        match="exact",
        mode="canary",
        read_with="tool",
    )
    baseline(
        "nic",
        component="nic",
        model_pattern="mlx5_core",
        comparator="mellanox",
        wanted="22.35.2000",
        mode="canary",
        reboot=True,
    )
    box = Box().boot()
    nic, disk = (planned.row.pk for planned in box.plan().updates)
    box.report(nic, "started")
    box.report(nic, "rebooting")
    states = dict(FirmwareBaseline.objects.values_list("name", "canary_state"))
    assert states == {"nic": "trying", "disk": ""}, "nobody knows yet whether the disk is behind"
    assert box.report(disk, "read", reading=b"OLD")[0]
    assert FirmwareBaseline.objects.get(name="disk").canary == box.node
    box.report(disk, "started")
    box.report(disk, "applied", reading=b"X")
    box.nic = "22.35.2000 (MT_0000000359)"
    box.boot().plan()
    assert set(FirmwareBaseline.objects.values_list("canary_state", flat=True)) == {"passed"}


@pytest.mark.issue("FW-013")
def test_a_canary_that_fails_holds_all_others_until_an_operator_decides() -> None:
    row = canary()
    first, second = Box(1).boot(), Box(2).boot()
    update = first.only()
    first.report(update, "started")
    assert not first.report(update, "applied", reading=first.mc_info())[1].passed
    assert FirmwareBaseline.objects.get().canary_state == CanaryState.FAILED
    plan = second.plan()
    assert (plan.updates, plan.verdict.passed) == ([], True)
    assert second.findings() == ["FW-013"]
    canary_again(baseline=row)
    assert len(second.plan().updates) == 1
    assert FirmwareBaseline.objects.get().canary == second.node


def test_a_canary_that_fails_and_then_succeeds_lets_all_go_on() -> None:
    canary()
    box = Box(1).boot()
    update = box.only()
    box.report(update, "started")
    box.report(update, "failed", code=1)
    update_well(box.boot())
    assert FirmwareBaseline.objects.get().canary_state == CanaryState.PASSED


@pytest.mark.issue("FW-013")
@pytest.mark.parametrize("status", [NodeStatus.REGISTER_FAILED, NodeStatus.MAINTENANCE])
def test_a_canary_that_goes_silent_has_failed(status: NodeStatus) -> None:
    canary()
    first, second = Box(1).boot(), Box(2).boot()
    first.report(first.only(), "started")
    Node.objects.filter(pk=first.node.pk).update(status=status, deadline=None)
    assert second.plan().updates == []
    assert second.findings() == ["FW-013"]
    assert FirmwareBaseline.objects.get().canary_state == CanaryState.FAILED


@pytest.mark.parametrize("status", [NodeStatus.REGISTER_FAILED, NodeStatus.MAINTENANCE])
def test_a_canary_that_goes_before_it_began_leaves_the_place_to_the_next(
    status: NodeStatus,
) -> None:
    canary()
    first, second, third = Box(1).boot(), Box(2).boot(), Box(3).boot()
    first.plan()
    Node.objects.filter(pk=first.node.pk).update(status=status, deadline=None)
    assert len(second.plan().updates) == 1
    assert third.plan().updates == []
    row = FirmwareBaseline.objects.get()
    assert (row.canary, row.canary_state) == (second.node, CanaryState.TRYING)


def test_a_node_that_its_other_firmware_stops_is_no_canary() -> None:
    baseline("bios", wanted="2.14.0")
    first, second = Box(1).boot(), Box(2).boot()
    bios = first.only()
    first.report(bios, "started")
    first.report(bios, "failed", code=1)
    canary()
    assert first.plan().updates == []
    assert first.failed("FW-004")
    assert FirmwareBaseline.objects.get(name="bmc").canary is None
    assert "bmc" in [planned.row.baseline.name for planned in second.plan().updates]
    assert FirmwareBaseline.objects.get(name="bmc").canary == second.node


def test_a_canary_that_was_mended_by_hand_proves_nothing() -> None:
    canary()
    first, second = Box(1).boot(), Box(2).boot()
    first.plan()
    first.bmc = "4.22"
    first.boot().plan()
    assert FirmwareBaseline.objects.get().canary is None
    assert len(second.plan().updates) == 1


def test_an_operator_may_let_all_go_on_at_once() -> None:
    row = canary()
    boxes = [Box(1).boot(), Box(2).boot()]
    boxes[0].plan()
    canary_pass(baseline=row)
    assert len(boxes[1].plan().updates) == 1
    assert len(boxes[0].plan().updates) == 1
    assert FirmwareBaseline.objects.get().canary_state == CanaryState.PASSED


def test_decisions_about_a_canary_that_is_not_there_are_refused() -> None:
    row = canary()
    with pytest.raises(Conflict, match="waits for no canary now"):
        canary_again(baseline=row)
    baseline_stop(baseline=row)
    row.refresh_from_db()
    with pytest.raises(Conflict, match="is off"):
        canary_pass(baseline=row)


def test_a_changed_baseline_has_a_new_canary_and_a_changed_note_has_not() -> None:
    row = canary()
    first = Box(1).boot()
    first.plan()
    row.notes = "For the spring."  # a form that was opened before there was a canary
    baseline_save(baseline=row)
    assert FirmwareBaseline.objects.get().canary == first.node
    row.wanted = "4.21"
    baseline_save(baseline=row)
    kept = FirmwareBaseline.objects.get()
    assert (kept.canary, kept.canary_state, kept.revision) == (None, "", 2)
    row.mode = "on"
    baseline_save(baseline=row)
    row.mode = "canary"
    FirmwareBaseline.objects.update(canary_state=CanaryState.PASSED)
    baseline_save(baseline=row)
    assert FirmwareBaseline.objects.get().canary_state == ""


def test_a_server_that_dies_in_the_middle_leaves_no_canary_that_knows_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    canary()
    box = Box(1).boot()
    with monkeypatch.context() as dying:
        dying.setattr(firmware, "findings_replace", _die)
        with pytest.raises(RuntimeError, match="killed"):
            box.plan()
    assert FirmwareBaseline.objects.get().canary is None
    assert not FirmwareUpdate.objects.exists()
    update_well(box)
    assert FirmwareUpdate.objects.get().state == UpdateState.DONE


def test_the_same_machine_asking_in_many_threads_has_one_update() -> None:
    canary()
    box = Box(1).boot()
    assert at_once([box] * 6, lambda box: len(box.plan().updates)) == [1] * 6
    assert FirmwareUpdate.objects.count() == 1
    update = FirmwareUpdate.objects.get().pk
    at_once([box] * 6, lambda box: int(box.report(update, "started")[0]))
    assert FirmwareUpdate.objects.get().attempts == 1


def _die(**_: object) -> None:
    raise RuntimeError("killed")
