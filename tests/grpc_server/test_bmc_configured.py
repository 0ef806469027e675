"""BmcConfigured against BMCs that speak IPMI."""

import grpc
import pytest
from django.utils import timezone
from pytest_django import Settings

from bearman.lib.issues import Found, wiring
from nodes.models import Bmc, BootRequest, FindingSource, Node, NodeEvent, PowerRequest
from nodes.services.bmc import bmc_lease
from nodes.services.findings import findings_replace
from nodes.services.power_run import power_run
from nodes.services.reconcile import overdue_fail, power_off_confirm, power_off_due_ids
from nodes.states import NodeStatus
from protos.bearman.v1 import nodes_pb2 as pb
from simulator.bmc.behaviour import BmcFaults
from simulator.bmc.fleet import BmcFleet
from tests.grpc_server.conftest import configured
from tests.nodes.firmware_rig import baseline
from tests.nodes.wiring.rig import plan_made
from tests.samples import Machine
from tests.servers import Door, bearer, boot_token

MACHINE = Machine(1)


def proof(door: Door, token: str) -> pb.BmcConfiguredResponse:
    return door.boot.BmcConfigured(
        pb.BmcConfiguredRequest(uuid=MACHINE.uuid), metadata=bearer(token)
    )


@pytest.fixture
def token(door: Door) -> str:
    return boot_token(MACHINE)


def test_a_bmc_that_answers_makes_the_node_ready(door: Door, fleet: BmcFleet, token: str) -> None:
    bmc = configured(fleet, door.register(MACHINE, token).bmc)
    answer = proof(door, token)
    assert answer.proven, answer.reason
    assert answer.status == pb.NODE_STATUS_READY
    node = Node.objects.select_related("bmc").get()
    assert (node.status, node.bmc.power) == (NodeStatus.READY, "on")
    assert node.bmc.password is not None
    assert node.bmc.pending_password is None
    assert bmc.powered


def test_asking_again_after_the_proof_gives_the_same_answer(
    door: Door, fleet: BmcFleet, token: str
) -> None:
    configured(fleet, door.register(MACHINE, token).bmc)
    assert proof(door, token) == proof(door, token)
    assert NodeEvent.objects.filter(to_status="READY").count() == 1


def test_a_machine_whose_cables_did_not_pass_is_not_proven_by_leaving_the_check_out(
    door: Door, fleet: BmcFleet, token: str
) -> None:
    configured(fleet, door.register(MACHINE, token).bmc)
    found = Found(wiring.SWAPPED, "eno1", "eno1 and eno2 are swapped.")
    node_id = Node.objects.get().pk
    findings_replace(node_id=node_id, source=FindingSource.WIRING, found=[found])
    with pytest.raises(grpc.RpcError) as caught:
        proof(door, token)
    assert caught.value.code() == grpc.StatusCode.FAILED_PRECONDITION
    assert "The wiring check has not passed: eno1 and eno2 are swapped." in str(caught.value)
    assert Node.objects.get().status == NodeStatus.REGISTERING
    findings_replace(node_id=node_id, source=FindingSource.WIRING, found=[])
    assert proof(door, token).proven


@pytest.mark.issue("REG-014")
def test_a_machine_whose_scripts_know_of_no_checks_is_not_proven_where_there_is_a_plan(
    door: Door, fleet: BmcFleet, token: str
) -> None:
    configured(fleet, door.register(MACHINE, token).bmc)
    plan_made(links=2)
    baseline()
    with pytest.raises(grpc.RpcError) as caught:
        proof(door, token)
    assert caught.value.code() == grpc.StatusCode.FAILED_PRECONDITION
    assert "had its cables and its firmware not checked in this boot" in str(caught.value)
    assert "publish_scripts" in str(caught.value.trailing_metadata())
    assert Node.objects.get().status == NodeStatus.REGISTERING
    asked = BootRequest.objects.filter(node=Node.objects.get())
    asked.update(wiring_at=timezone.now())
    with pytest.raises(grpc.RpcError, match="had its firmware not checked"):
        proof(door, token)
    asked.update(firmware_at=timezone.now())
    assert proof(door, token).proven


def test_a_silent_bmc_is_given_time_to_settle(door: Door, fleet: BmcFleet, token: str) -> None:
    configured(fleet, door.register(MACHINE, token).bmc, faults=BmcFaults(silent=True))
    answer = proof(door, token)
    assert not answer.proven
    assert answer.retry
    assert "127.43.0.10" in answer.reason
    assert Node.objects.get().status == NodeStatus.REGISTERING


@pytest.mark.issue("BMC-001")
def test_a_bmc_that_stays_silent_fails_the_registration_with_reason_and_advice(
    door: Door, fleet: BmcFleet, token: str, settings: Settings
) -> None:
    settings.BMC_SETTLE_SECONDS = 0
    configured(fleet, door.register(MACHINE, token).bmc, faults=BmcFaults(silent=True))
    answer = proof(door, token)
    assert (answer.proven, answer.retry) == (False, False)
    node = Node.objects.get()
    assert (node.status, node.step) == (NodeStatus.REGISTER_FAILED, "confirm")
    assert node.reason == answer.reason
    assert node.advice == answer.advice != ""
    assert answer.issue == node.issue == "BMC-001"


@pytest.mark.issue("BMC-002")
def test_a_wrong_password_fails_at_once(door: Door, fleet: BmcFleet, token: str) -> None:
    configured(fleet, door.register(MACHINE, token).bmc, faults=BmcFaults(wrong_password=True))
    answer = proof(door, token)
    assert (answer.proven, answer.retry) == (False, False)
    assert answer.status == pb.NODE_STATUS_REGISTER_FAILED
    assert answer.issue == Node.objects.get().issue == "BMC-002"


def test_a_failed_machine_can_be_proven_after_its_bmc_was_mended(
    door: Door, fleet: BmcFleet, token: str
) -> None:
    settings = door.register(MACHINE, token).bmc
    bmc = configured(fleet, settings, faults=BmcFaults(wrong_password=True))
    assert not proof(door, token).proven
    bmc.faults = BmcFaults()
    bmc.set_user(settings.user_slot, password=settings.password)
    assert proof(door, token).proven


def test_a_new_boot_cannot_take_a_proven_credential_away(
    door: Door, fleet: BmcFleet, token: str
) -> None:
    configured(fleet, door.register(MACHINE, token).bmc)
    proof(door, token)
    kept = bytes(Bmc.objects.get().password or b"")
    door.register(MACHINE)  # somebody who says to be the machine
    bmc = Bmc.objects.get()
    assert bytes(bmc.password or b"") == kept
    assert bmc.pending_password is not None


def test_another_operation_on_the_bmc_is_waited_for(
    door: Door, fleet: BmcFleet, token: str
) -> None:
    configured(fleet, door.register(MACHINE, token).bmc)
    lease = bmc_lease(bmc_id=Bmc.objects.get().pk, operation="a test")
    with lease, pytest.raises(grpc.RpcError) as caught:
        proof(door, token)
    assert caught.value.code() == grpc.StatusCode.ABORTED
    assert "a test" in (caught.value.details() or "")
    assert proof(door, token).proven


def test_a_machine_that_has_not_registered_has_nothing_to_prove(door: Door, token: str) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        proof(door, token)
    assert caught.value.code() == grpc.StatusCode.FAILED_PRECONDITION


def test_a_machine_that_went_dark_is_seen_to_be_off(
    door: Door, fleet: BmcFleet, token: str
) -> None:
    bmc = configured(fleet, door.register(MACHINE, token).bmc)
    proof(door, token)
    (bmc_id,) = power_off_due_ids()
    assert not power_off_confirm(bmc_id=bmc_id)
    bmc.machine_stopped()
    assert power_off_confirm(bmc_id=bmc_id)
    assert power_off_due_ids() == []
    assert Node.objects.get().status == NodeStatus.READY
    assert Bmc.objects.get().power == "off"


@pytest.mark.issue("REG-009")
def test_a_machine_that_stays_lit_has_failed(
    door: Door, fleet: BmcFleet, token: str, settings: Settings
) -> None:
    settings.POWER_OFF_DEADLINE_SECONDS = 0
    configured(fleet, door.register(MACHINE, token).bmc)
    proof(door, token)
    (bmc_id,) = power_off_due_ids()
    assert power_off_confirm(bmc_id=bmc_id)
    node = Node.objects.get()
    assert (node.status, node.step) == (NodeStatus.REGISTER_FAILED, "power_off")
    assert "power is on" in node.reason
    assert lights() == ["identify_on"]
    assert node.issue == "REG-009"


@pytest.mark.issue("REG-002")
def test_a_registration_without_a_word_ends_at_its_deadline(
    door: Door, token: str, settings: Settings
) -> None:
    settings.REGISTER_DEADLINE_SECONDS = 0
    door.register(MACHINE, token)
    assert overdue_fail() == 1
    node = Node.objects.get()
    assert node.status == NodeStatus.REGISTER_FAILED
    assert "No word since" in node.reason
    assert node.issue == "REG-002"
    assert overdue_fail() == 0


def lights() -> list[str]:
    """What Bearman itself asked of identify lights, in order."""
    asked = PowerRequest.objects.filter(actor="system", action__startswith="identify")
    return list(asked.order_by("pk").values_list("action", flat=True))


def test_a_machine_that_falls_silent_is_lit_over_the_network_until_it_comes_good(
    door: Door, fleet: BmcFleet, token: str, settings: Settings
) -> None:
    bmc = configured(fleet, door.register(MACHINE, token).bmc)
    assert proof(door, token).proven
    assert lights() == [], "a machine that goes well needs no light"
    settings.REGISTER_DEADLINE_SECONDS = 0
    again = door.register(MACHINE, token).bmc
    assert overdue_fail() == 1
    assert lights() == ["identify_on"]
    assert power_run(power_request_id=PowerRequest.objects.get().pk) is None
    assert PowerRequest.objects.get().result == "done"
    bmc.set_user(again.user_slot, password=again.password)
    assert proof(door, token).proven
    assert lights() == ["identify_on", "identify_off"]


def test_a_machine_without_a_proven_bmc_is_not_lit(
    door: Door, token: str, settings: Settings
) -> None:
    settings.REGISTER_DEADLINE_SECONDS = 0
    door.register(MACHINE, token)
    assert overdue_fail() == 1
    assert lights() == []
