"""Power requests, carried out on BMCs that speak IPMI."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from bearman.lib.errors import Conflict, Invalid, NotFound, Unconfirmed
from bearman.lib.issues import bmc as bmc_issues
from nodes.models import Bmc, Node, NodeEvent, PowerRequest
from nodes.power import PowerAction, PowerResult
from nodes.selectors import power_batch
from nodes.services import power_actions, power_run
from nodes.services.bmc import bmc_lease
from nodes.services.lifecycle import node_retire
from nodes.services.power import power_ask, power_overdue_end, power_requests_prune
from nodes.states import NodeStatus
from simulator.bmc import BmcFaults, Identify, Reactions, SimulatedBmc
from simulator.bmc.boot import BootOptions
from tests.admin import fleet as machines
from tests.nodes.power_rig import ask, carried_out, make_machine, work
from tests.simulator.bmc.rig import Rig

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick(rig: Rig, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask at the rig's port, and wait less than for boards of metal."""
    settings.BMC_PORT = rig.fleet.port
    settings.BMC_LOGIN_SECONDS, settings.BMC_COMMAND_SECONDS = 1.0, 1.0
    monkeypatch.setattr(power_actions, "SETTLE_SECONDS", 0.5)
    monkeypatch.setattr(power_run, "PAUSES", (0, 0))
    monkeypatch.setattr(power_run, "BUSY_PAUSE", 0)


def is_lit(bmc: SimulatedBmc) -> bool:
    return bmc.powered


def light_of(bmc: SimulatedBmc) -> Identify:
    return bmc.identify


def test_a_machine_is_switched_on_and_off_and_its_time_line_says_who_asked(rig: Rig) -> None:
    node, bmc = make_machine(rig)
    (row,) = ask(node, action=PowerAction.ON)
    assert carried_out(row).message == "The power is on."
    assert is_lit(bmc)
    (row,) = ask(node, action=PowerAction.HARD_OFF)
    assert carried_out(row).result == PowerResult.DONE
    assert not is_lit(bmc)
    events = list(NodeEvent.objects.filter(node=node, kind="power").order_by("id"))
    assert [(event.actor, event.message) for event in events] == [
        ("olga", "Power on: The power is on."),
        ("olga", "Power off: The power is off."),
    ]
    assert Bmc.objects.get(node=node).power == "off"


def test_a_power_that_was_read_is_kept_and_no_event(rig: Rig) -> None:
    node, _ = make_machine(rig, powered=True)
    (row,) = ask(node, action=PowerAction.STATUS)
    assert carried_out(row).message == "The power is on."
    assert Bmc.objects.get(node=node).power == "on"
    assert not NodeEvent.objects.filter(node=node).exists()


def test_a_soft_off_asks_the_operating_system_and_waits_for_nothing(rig: Rig) -> None:
    asked: list[str] = []
    reactions = Reactions(soft_off=lambda: asked.append("soft"))
    node, bmc = make_machine(rig, powered=True, reactions=reactions)
    (row,) = ask(node, action=PowerAction.SOFT_OFF)
    assert "was asked to shut down" in carried_out(row).message
    assert bmc.powered
    assert asked == ["soft"]


def test_a_soft_off_of_a_dark_machine_is_done_already(rig: Rig) -> None:
    node, _ = make_machine(rig)
    (row,) = ask(node, action=PowerAction.SOFT_OFF)
    assert carried_out(row).message == "The power is off already."


def test_a_cycle_of_a_dark_machine_is_refused_with_words(rig: Rig) -> None:
    node, bmc = make_machine(rig)
    (row,) = ask(node, action=PowerAction.CYCLE)
    assert carried_out(row).result == PowerResult.FAILED
    assert (row.message, row.advice) == (
        "The power is off, so there is nothing to cycle.",
        "Switch it on.",
    )
    assert not bmc.powered


@pytest.mark.parametrize(
    ("action", "words", "selector"),
    [
        (PowerAction.BOOT_PXE, "It boots from the network the next time.", 1),
        (PowerAction.BOOT_DISK, "It boots from its disk the next time.", 2),
        (PowerAction.BOOT_SETUP, "It boots into its setup the next time.", 6),
    ],
)
def test_the_next_boot_is_set(rig: Rig, action: PowerAction, words: str, selector: int) -> None:
    node, bmc = make_machine(rig)
    (row,) = ask(node, action=action)
    assert carried_out(row).message == words
    flags = BootOptions.get(bmc.boot, 5)
    assert flags[1] >> 2 & 0x0F == selector


def test_the_identify_light_goes_on_and_off(rig: Rig) -> None:
    node, bmc = make_machine(rig)
    carried_out(ask(node, action=PowerAction.IDENTIFY_ON)[0])
    assert light_of(bmc) == Identify.FORCED
    assert Bmc.objects.get(node=node).identify_on
    carried_out(ask(node, action=PowerAction.IDENTIFY_OFF)[0])
    assert light_of(bmc) == Identify.OFF
    assert not Bmc.objects.get(node=node).identify_on


@pytest.mark.issue("BMC-009")
def test_a_machine_that_stays_off_is_a_failure_although_its_bmc_said_yes(rig: Rig) -> None:
    node, _ = make_machine(rig, faults=BmcFaults(power_on_but_stays_off=True))
    (row,) = ask(node, action=PowerAction.ON)
    assert carried_out(row).result == PowerResult.FAILED
    assert row.message.startswith("The BMC accepted the command, but the power is still off")
    assert row.advice
    event = NodeEvent.objects.filter(node=node, kind="failure").get()
    assert event.message == f"Power on: {row.message}"
    assert event.issue == "BMC-009"


def test_a_bmc_that_refuses_is_told_with_its_words(rig: Rig) -> None:
    node, _ = make_machine(rig, faults=BmcFaults(refuses_power=True))
    (row,) = ask(node, action=PowerAction.ON)
    assert carried_out(row).result == PowerResult.FAILED
    assert row.attempts == 1
    assert str(node.bmc.address) in row.message


def test_a_silent_bmc_is_tried_three_times_and_then_given_up_with_advice(
    rig: Rig, settings: Settings
) -> None:
    settings.BMC_LOGIN_SECONDS = 0.2
    node, _ = make_machine(rig, faults=BmcFaults(silent=True))
    (row,) = ask(node, action=PowerAction.ON)
    assert carried_out(row).result == PowerResult.FAILED
    assert row.attempts == 3
    assert "did not answer" in row.message
    assert "cable" in row.advice
    assert Bmc.objects.get(node=node).last_error == row.message


def test_between_two_tries_the_row_says_what_it_waits_for(rig: Rig, settings: Settings) -> None:
    settings.BMC_LOGIN_SECONDS = 0.2
    node, bmc = make_machine(rig, faults=BmcFaults(silent=True))
    (row,) = ask(node, action=PowerAction.ON)
    assert power_run.power_run(power_request_id=row.pk) is not None
    row.refresh_from_db()
    assert row.result == PowerResult.WAITING
    assert row.message.endswith("Try 2 of 3 follows.")
    bmc.faults = BmcFaults()
    assert carried_out(row).result == PowerResult.DONE


def test_another_operation_is_waited_for_and_counts_as_no_try(rig: Rig) -> None:
    node, bmc = make_machine(rig)
    (row,) = ask(node, action=PowerAction.ON)
    with bmc_lease(bmc_id=node.bmc.pk, operation="a deployment"):
        for _ in range(5):
            assert power_run.power_run(power_request_id=row.pk) is not None
        row.refresh_from_db()
        assert "a deployment" in row.message
        assert not bmc.powered
    assert carried_out(row).attempts == 1


def test_an_operation_that_never_ends_is_not_waited_for_for_ever(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(power_run, "BUSY_FOR", timedelta(0))
    node, _ = make_machine(rig)
    (row,) = ask(node, action=PowerAction.ON)
    with bmc_lease(bmc_id=node.bmc.pk, operation="a deployment"):
        assert carried_out(row).result == PowerResult.FAILED
    assert "a deployment" in row.message


@pytest.mark.parametrize("action", [PowerAction.SOFT_OFF, PowerAction.HARD_OFF, PowerAction.CYCLE])
def test_a_machine_in_use_is_not_switched_off_unless_that_is_meant(
    rig: Rig, action: PowerAction
) -> None:
    used, bmc = make_machine(rig, 1, NodeStatus.IN_USE, powered=True)
    free, _ = make_machine(rig, 2, powered=True)
    with pytest.raises(Unconfirmed, match=f"in use: .*node {used.pk}") as caught:
        ask(free, used, action=action)
    assert f"node {free.pk}" not in str(caught.value)
    assert not PowerRequest.objects.exists()
    assert not ProcrastinateJob.objects.exists()
    rows = ask(free, used, action=action, confirmed=True)
    assert [carried_out(row).result for row in rows] == [PowerResult.DONE, PowerResult.DONE]
    assert bmc.powered == (action == PowerAction.CYCLE)


@pytest.mark.issue("BMC-010")
def test_a_machine_that_stays_on_is_a_failure_although_its_bmc_said_yes(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    node, bmc = make_machine(rig, powered=True)
    monkeypatch.setattr(bmc, "switch", lambda action: None)
    (row,) = ask(node, action=PowerAction.HARD_OFF)
    assert carried_out(row).result == PowerResult.FAILED
    assert "the power is still on" in row.message
    assert NodeEvent.objects.filter(node=node, kind="failure").get().issue == "BMC-010"


@pytest.mark.issue("BMC-016")
def test_a_machine_that_came_into_use_after_it_was_asked_is_left_as_it_is(rig: Rig) -> None:
    node, bmc = make_machine(rig, powered=True)
    (row,) = ask(node, action=PowerAction.HARD_OFF)
    type(node).objects.filter(pk=node.pk).update(status=NodeStatus.IN_USE)
    assert carried_out(row).result == PowerResult.FAILED
    assert "has come into use" in row.message
    assert bmc.powered
    assert NodeEvent.objects.filter(node=node, kind="failure").get().issue == "BMC-016"


def test_a_machine_in_use_may_be_switched_on_and_looked_at_unasked(rig: Rig) -> None:
    node, bmc = make_machine(rig, 1, NodeStatus.IN_USE)
    for action in (PowerAction.STATUS, PowerAction.ON, PowerAction.BOOT_PXE):
        assert carried_out(ask(node, action=action)[0]).result == PowerResult.DONE
    assert bmc.powered


@pytest.mark.issue("BMC-015")
def test_what_was_asked_long_ago_is_not_carried_out_any_more(rig: Rig) -> None:
    node, bmc = make_machine(rig)
    (row,) = ask(node, action=PowerAction.ON)
    PowerRequest.objects.update(asked_at=timezone.now() - timedelta(minutes=16))
    assert carried_out(row).result == PowerResult.FAILED
    assert "over 15 minutes" in row.message
    assert not bmc.powered
    assert NodeEvent.objects.filter(node=node, kind="failure").get().issue == "BMC-015"


def test_what_no_worker_ended_is_ended_by_the_reconciler(rig: Rig) -> None:
    node, bmc = make_machine(rig)
    (row,) = ask(node, action=PowerAction.ON)
    assert power_overdue_end() == 0
    PowerRequest.objects.update(asked_at=timezone.now() - timedelta(minutes=19))
    assert power_overdue_end() == 1
    row.refresh_from_db()
    assert row.result == PowerResult.FAILED
    assert "bearman worker" in row.advice
    assert carried_out(row).ended_at == row.ended_at
    assert not bmc.powered


@pytest.mark.issue("BMC-012")
def test_a_node_without_a_bmc_is_refused_and_among_others_told_on_its_row(rig: Rig) -> None:
    bare = machines.make_node(5, NodeStatus.QUARANTINED)
    with pytest.raises(Conflict, match="QUARANTINED and has no BMC") as caught:
        ask(bare, action=PowerAction.ON)
    assert caught.value.issue is bmc_issues.NO_CREDENTIAL
    node, bmc = make_machine(rig)
    refused, row = ask(bare, node, action=PowerAction.ON)
    assert (refused.result, row.result) == (PowerResult.FAILED, PowerResult.WAITING)
    assert ProcrastinateJob.objects.count() == 1
    carried_out(row)
    assert bmc.powered


def test_a_node_that_was_retired_in_the_meantime_is_a_failure(rig: Rig) -> None:
    node, bmc = make_machine(rig)
    (row,) = ask(node, action=PowerAction.ON)
    node_retire(node=node, actor="olga")
    assert carried_out(row).result == PowerResult.FAILED
    assert "RETIRED and has no BMC any more" in row.message
    assert not bmc.powered


def test_the_same_request_twice_is_the_same_batch(rig: Rig) -> None:
    node, _ = make_machine(rig)
    other, _ = make_machine(rig, 2)
    name = uuid4()

    def once(*nodes: object, actor: str = "olga", action: PowerAction = PowerAction.ON) -> object:
        return power_ask(nodes=nodes, action=action, actor=actor, request_id=name)  # type: ignore[arg-type]

    batch = once(node, other)
    assert once(node, other) == batch
    assert PowerRequest.objects.count() == ProcrastinateJob.objects.count() == 2
    assert once(node, other, actor="ada") != batch
    with pytest.raises(Conflict, match="another request"):
        once(node)
    with pytest.raises(Conflict, match="another request"):
        once(node, other, action=PowerAction.CYCLE)


def test_a_node_that_is_named_twice_is_asked_once(rig: Rig) -> None:
    node, _ = make_machine(rig)
    assert len(ask(node, node, action=PowerAction.ON)) == 1


def test_none_and_too_many_nodes_are_refused(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = [make_machine(rig, number)[0] for number in (1, 2, 3)]
    monkeypatch.setattr("nodes.services.power.MAX_NODES", 2)
    for some in ([], nodes):
        with pytest.raises(Invalid, match="Name 1 to 2 nodes"):
            ask(*some, action=PowerAction.ON)


def test_old_requests_are_forgotten_and_their_batch_is_not_found(rig: Rig) -> None:
    node, _ = make_machine(rig)
    (row,) = ask(node, action=PowerAction.ON)
    assert power_batch(batch=row.batch).rows == [row]
    power_requests_prune()
    assert PowerRequest.objects.exists()
    PowerRequest.objects.update(asked_at=timezone.now() - timedelta(days=31))
    power_requests_prune()
    with pytest.raises(NotFound):
        power_batch(batch=row.batch)


def killed_in(row: PowerRequest) -> None:
    """Leave the row as a worker does that is killed while it carries the request out."""
    PowerRequest.objects.filter(pk=row.pk).update(
        result=PowerResult.RUNNING, begun_at=timezone.now(), attempts=1
    )


def test_a_power_on_that_a_killed_worker_left_is_done_again(rig: Rig) -> None:
    node, bmc = make_machine(rig)
    (row,) = ask(node, action=PowerAction.ON)
    killed_in(row)
    assert carried_out(row).result == PowerResult.DONE
    assert bmc.powered


def test_a_cycle_that_a_killed_worker_left_is_never_done_twice(rig: Rig) -> None:
    seen: list[str] = []
    node, _ = make_machine(
        rig, powered=True, reactions=Reactions(power_off=lambda: seen.append("off"))
    )
    (row,) = ask(node, action=PowerAction.CYCLE)
    killed_in(row)
    assert carried_out(row).result == PowerResult.FAILED
    assert "may or may not have been carried out" in row.message
    assert row.advice.startswith("Read the power status")
    assert seen == []
    assert NodeEvent.objects.filter(node=node, kind="failure", actor="olga").count() == 1


def test_a_cycle_is_not_given_up_while_its_worker_may_still_be_at_it(rig: Rig) -> None:
    node, _ = make_machine(rig, powered=True)
    (row,) = ask(node, action=PowerAction.CYCLE)
    killed_in(row)
    with bmc_lease(bmc_id=node.bmc.pk, operation="power cycle"):
        assert power_run.power_run(power_request_id=row.pk) is not None
        row.refresh_from_db()
        assert row.result == PowerResult.RUNNING
    assert carried_out(row).result == PowerResult.FAILED


def test_a_task_that_runs_again_changes_nothing(rig: Rig) -> None:
    seen: list[str] = []
    node, _ = make_machine(
        rig, powered=True, reactions=Reactions(power_off=lambda: seen.append("off"))
    )
    (row,) = ask(node, action=PowerAction.CYCLE)
    ended = carried_out(row).ended_at
    assert carried_out(row).ended_at == ended
    assert seen == ["off"]
    assert NodeEvent.objects.filter(node=node).count() == 1


@pytest.fixture
def worker(transactional_db: None) -> Iterator[None]:
    """For tests with a real worker, which has connections of its own."""
    yield
    connection.close()


def ask_and_leave(node: Node) -> None:
    """Ask for power in a thread of its own."""
    ask(node, action=PowerAction.ON)
    connection.close()


def test_two_batches_on_one_bmc_at_once_are_done_one_after_the_other(
    rig: Rig, worker: None
) -> None:
    """Each on and off is seen in the order in which it was asked, and none meets another."""
    seen: list[str] = []
    reactions = Reactions(power_on=lambda: seen.append("on"), power_off=lambda: seen.append("off"))
    node, bmc = make_machine(rig, reactions=reactions, faults=BmcFaults(slow_s=0.02))
    other, _ = make_machine(rig, 2)
    for _ in range(3):
        ask(node, other, action=PowerAction.ON)
        ask(node, action=PowerAction.HARD_OFF)
    both = [threading.Thread(target=ask_and_leave, args=(node,)) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    work()
    assert seen == ["on", "off"] * 3 + ["on"]
    assert set(PowerRequest.objects.values_list("result", flat=True)) == {PowerResult.DONE}
    assert bmc.powered


def test_a_silent_bmc_does_not_hold_up_the_others(
    rig: Rig, worker: None, settings: Settings
) -> None:
    settings.BMC_LOGIN_SECONDS = 0.5
    silent, _ = make_machine(rig, 1, faults=BmcFaults(silent=True))
    others = [make_machine(rig, number)[0] for number in range(2, 8)]
    rows = ask(silent, *others, action=PowerAction.ON)
    begun = time.monotonic()
    work()
    results = [PowerRequest.objects.get(pk=row.pk).result for row in rows]
    assert results == [PowerResult.FAILED] + [PowerResult.DONE] * 6
    assert PowerRequest.objects.get(pk=rows[0].pk).attempts == 3
    assert time.monotonic() - begun < 20
