"""The background that reads power states, and the circuit breaker that keeps it from BMCs."""

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from nodes.bmc import BmcError, PowerState
from nodes.models import Bmc, Node, NodeEvent
from nodes.services.bmc import bmc_lease, bmc_operate, power_read
from nodes.services.breaker import breaker_reset, pause_after
from nodes.services.power_refresh import power_refresh, power_refresh_due
from nodes.states import NodeStatus
from simulator.bmc import BmcFaults
from tests.nodes.power_rig import make_machine
from tests.simulator.bmc.rig import Rig

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def quick(rig: Rig, settings: Settings) -> Iterator[None]:
    """Ask at the rig's port, and wait less than for boards of metal."""
    settings.BMC_PORT = rig.fleet.port
    settings.BMC_LOGIN_SECONDS, settings.BMC_COMMAND_SECONDS = 0.3, 0.3
    settings.BMC_ATTEMPTS = 1
    yield
    connection.close()


def fail(node: Node, times: int) -> Bmc:
    """Let a person ask a silent BMC so many times; returns its row."""
    for _ in range(times):
        with pytest.raises(BmcError):
            power_read(bmc=node.bmc)
    return Bmc.objects.get(node=node)


def test_power_states_are_read_where_they_are_old(rig: Rig) -> None:
    lit, _ = make_machine(rig, 1, powered=True)
    dark, _ = make_machine(rig, 2)
    assert power_refresh() == 2
    assert [Bmc.objects.get(node=node).power for node in (lit, dark)] == ["on", "off"]
    assert power_refresh() == 0, "they are fresh now"
    Bmc.objects.filter(node=lit).update(power_read_at=timezone.now() - timedelta(minutes=6))
    assert [bmc.node_id for bmc in power_refresh_due(limit=9)] == [lit.pk]
    assert not NodeEvent.objects.exists()


def test_a_machine_in_use_that_is_off_is_shown_and_left_as_it_is(rig: Rig) -> None:
    node, bmc = make_machine(rig, 1, NodeStatus.IN_USE)
    power_refresh()
    assert Bmc.objects.get(node=node).power == "off"
    assert Node.objects.get(pk=node.pk).status == NodeStatus.IN_USE
    assert not bmc.powered


def test_the_refresh_can_be_switched_off(rig: Rig, settings: Settings) -> None:
    make_machine(rig)
    settings.POWER_REFRESH_SECONDS = 0
    assert power_refresh() == 0


def test_only_so_many_bmcs_a_second_are_asked(rig: Rig, settings: Settings) -> None:
    settings.POWER_REFRESH_RATE = 10
    for number in range(1, 9):
        make_machine(rig, number)
    begun = time.monotonic()
    assert power_refresh() == 8
    assert time.monotonic() - begun >= 0.7


def test_machines_that_register_and_bmcs_that_are_operated_are_left_alone(rig: Rig) -> None:
    make_machine(rig, 1, NodeStatus.REGISTERING)
    busy, _ = make_machine(rig, 2)
    unproven, _ = make_machine(rig, 3)
    Bmc.objects.filter(node=unproven).update(password=None)
    with bmc_lease(bmc_id=busy.bmc.pk, operation="a deployment"):
        assert power_refresh_due(limit=9) == []


@pytest.mark.issue("BMC-011")
def test_a_bmc_that_is_silent_three_times_opens_its_breaker_and_says_so_once(rig: Rig) -> None:
    node, _ = make_machine(rig, faults=BmcFaults(silent=True))
    assert not fail(node, 2).breaker_open
    bmc = fail(node, 3)
    assert bmc.breaker_open
    assert bmc.failures == 5
    assert "did not answer" in bmc.last_error
    event = NodeEvent.objects.get(node=node)
    assert event.kind == "warning"
    assert "3 times in a row" in event.message
    assert event.issue == "BMC-011"


def test_the_background_leaves_an_open_breaker_alone_for_its_pause(rig: Rig) -> None:
    node, _ = make_machine(rig, faults=BmcFaults(silent=True))
    bmc = fail(node, 4)
    assert bmc.open_until is not None
    left = (bmc.open_until - timezone.now()).total_seconds()
    assert 110 < left <= 120
    assert power_refresh() == 0
    Bmc.objects.update(open_until=timezone.now() - timedelta(seconds=1))
    assert power_refresh() == 1
    assert Bmc.objects.get(node=node).failures == 5


def test_pauses_double_from_a_minute_to_an_hour() -> None:
    minutes = [pause_after(failures).total_seconds() / 60 for failures in range(1, 12)]
    assert minutes == [1, 1, 1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert pause_after(30_000) == timedelta(hours=1)


def test_what_a_person_asks_for_is_tried_all_the_same_and_an_answer_closes_the_breaker(
    rig: Rig,
) -> None:
    node, bmc = make_machine(rig, powered=True, faults=BmcFaults(silent=True))
    fail(node, 3)
    bmc.faults = BmcFaults()
    assert power_read(bmc=node.bmc) == PowerState.ON
    row = Bmc.objects.get(node=node)
    assert (row.failures, row.open_until, row.last_error) == (0, None, "")
    assert NodeEvent.objects.latest("id").message.endswith("answers again.")


def test_a_wrong_password_opens_the_breaker_too_since_bmcs_lock_accounts(rig: Rig) -> None:
    node, bmc = make_machine(rig)
    bmc.set_user(2, password="another one")
    assert fail(node, 3).breaker_open


def test_a_bmc_that_says_no_answers(rig: Rig) -> None:
    node, bmc = make_machine(rig, faults=BmcFaults(silent=True))
    fail(node, 2)
    bmc.faults = BmcFaults(refuses_power=True)
    with pytest.raises(BmcError):
        bmc_operate(bmc=node.bmc, operation="on", run=lambda driver: driver.power_on())
    assert Bmc.objects.get(node=node).failures == 0


def test_an_operator_resets_a_breaker(rig: Rig) -> None:
    node, _ = make_machine(rig, faults=BmcFaults(silent=True))
    bmc = fail(node, 3)
    breaker_reset(bmc=bmc, actor="olga")
    breaker_reset(bmc=bmc, actor="olga")
    assert [due.node_id for due in power_refresh_due(limit=9)] == [node.pk]
    event = NodeEvent.objects.filter(node=node, kind="operator").get()
    assert event.actor == "olga"
