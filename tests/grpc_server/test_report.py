"""Report: progress and failures of a script's steps."""

import grpc
import pytest

from bearman.lib.issues import CATALOGUE
from nodes.models import Bmc, BootRequest, Node, NodeEvent
from nodes.services.reports import MAX_LOG, MAX_REPORTS
from nodes.states import NodeStatus
from protos.bearman.v1 import nodes_pb2 as pb
from tests.samples import Machine
from tests.servers import Door, bearer, boot_token

MACHINE = Machine(1)


@pytest.fixture
def token(door: Door) -> str:
    token = boot_token(MACHINE)
    door.register(MACHINE, token)
    return token


def report(door: Door, token: str, **fields: object) -> pb.ReportResponse:
    values = {"uuid": MACHINE.uuid, "step": "bmc", "outcome": pb.STEP_OUTCOME_PROGRESS} | fields
    return door.boot.Report(pb.ReportRequest(**values), metadata=bearer(token))  # type: ignore[arg-type]


def test_progress_is_on_the_time_line_and_moves_the_deadline(door: Door, token: str) -> None:
    before = Node.objects.get().deadline
    answer = report(door, token, message="Setting the BMC.", address="192.0.2.9")
    node = Node.objects.get()
    assert answer.status == pb.NODE_STATUS_REGISTERING
    assert (node.step, node.address) == ("bmc", "192.0.2.9")
    assert node.deadline
    assert before
    assert node.deadline > before
    event = NodeEvent.objects.latest("id")
    assert (event.actor, event.kind, event.message) == ("node", "progress", "Setting the BMC.")


def test_a_failure_leaves_reason_advice_and_the_log(door: Door, token: str) -> None:
    failed = pb.STEP_OUTCOME_FAILED
    report(door, token, outcome=failed, message="No BMC here.", log_tail="line 1\nline 2")
    node = Node.objects.get()
    assert (node.status, node.step) == (NodeStatus.REGISTER_FAILED, "bmc")
    assert node.reason == "No BMC here."
    assert "ipmitool" in node.advice
    assert NodeEvent.objects.latest("id").log_tail == "line 1\nline 2"


def test_a_light_that_the_machine_switched_on_is_known_until_it_is_proven(
    door: Door, token: str
) -> None:
    report(door, token, outcome=pb.STEP_OUTCOME_FAILED, message="No link.", light=True)
    assert Bmc.objects.get().identify_on
    report(door, token, outcome=pb.STEP_OUTCOME_FAILED, message="Still none.")
    assert Bmc.objects.get().identify_on


def test_a_second_failure_does_not_hide_the_first_ones_reason(door: Door, token: str) -> None:
    failed = pb.STEP_OUTCOME_FAILED
    report(door, token, outcome=failed, message="No BMC here.")
    report(door, token, outcome=failed, message="It failed again.")
    assert Node.objects.get().reason == "No BMC here."
    assert NodeEvent.objects.latest("id").message == "It failed again."


def test_what_a_machine_says_cannot_move_a_cursor_or_fill_the_disk(door: Door, token: str) -> None:
    report(
        door,
        token,
        message="\x1b[2Jred\u202ealert\x00" + "x" * 100_000,
        log_tail="\x07" + "y" * 100_000,
    )
    event = NodeEvent.objects.latest("id")
    assert "\x1b" not in event.message
    assert "\u202e" not in event.message
    assert len(event.message) <= 1000
    assert len(event.log_tail) <= MAX_LOG


@pytest.mark.parametrize("step", ["", "BMC", "a b", "x" * 41, "$(reboot)", "../etc", "a\n"])
def test_a_step_has_a_plain_name(door: Door, token: str, step: str) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        report(door, token, step=step)
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT


def test_a_script_that_loops_is_stopped(door: Door, token: str) -> None:
    BootRequest.objects.update(reports=MAX_REPORTS)
    with pytest.raises(grpc.RpcError) as caught:
        report(door, token)
    assert caught.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED


def test_another_machines_token_reports_nothing(door: Door, token: str) -> None:
    other = boot_token(Machine(2))
    with pytest.raises(grpc.RpcError) as caught:
        report(door, other)
    assert caught.value.code() == grpc.StatusCode.PERMISSION_DENIED


def test_a_failure_before_registering_is_kept_with_the_boot_request(door: Door) -> None:
    token = boot_token(MACHINE)
    failed = pb.STEP_OUTCOME_FAILED
    answer = report(door, token, step="inventory", outcome=failed, message="No dmidecode.")
    assert answer.status == pb.NODE_STATUS_UNSPECIFIED
    row = BootRequest.objects.get()
    assert (row.step, row.message) == ("inventory", "No dmidecode.")
    assert not NodeEvent.objects.exists()


@pytest.mark.parametrize("outcome", [0, 99])
def test_an_outcome_that_is_none_is_refused(door: Door, token: str, outcome: int) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        report(door, token, outcome=outcome)
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT


FAILED = pb.STEP_OUTCOME_FAILED


@pytest.mark.issue("REG-001")
@pytest.mark.parametrize("code", ["", "NONE-001", "bmc-001", "x" * 5000])
def test_a_failure_without_a_known_code_has_that_of_its_step(
    door: Door, token: str, code: str
) -> None:
    report(door, token, step="register", outcome=FAILED, message="Odd.", issue=code)
    node = Node.objects.get()
    assert (node.issue, node.advice) == ("REG-001", CATALOGUE["REG-001"].advice)
    assert NodeEvent.objects.latest("id").issue == "REG-001"


def test_the_machines_own_code_and_advice_are_kept(door: Door, token: str) -> None:
    advice = "Run lsblk by hand.\x1b[2J" + "x" * 5000
    report(door, token, outcome=FAILED, message="lsblk hangs.", issue="REG-003", advice=advice)
    node = Node.objects.get()
    assert node.issue == "REG-003"
    assert node.advice.startswith("Run lsblk by hand.")
    assert len(node.advice) <= 1000
    assert "\x1b" not in node.advice


def test_progress_has_no_code(door: Door, token: str) -> None:
    report(door, token, issue="REG-003", advice="No.")
    node = Node.objects.get()
    assert (node.issue, node.advice, node.status) == ("", "", NodeStatus.REGISTERING)


def test_what_bearman_itself_said_is_not_hidden_by_the_machines_echo(
    door: Door, token: str
) -> None:
    Node.objects.update(
        status=NodeStatus.REGISTER_FAILED, step="address", issue="ADDR-003", reason="No address."
    )
    report(door, token, step="register", outcome=FAILED, message="Refused.", issue="BOOT-010")
    node = Node.objects.get()
    assert (node.step, node.issue, node.reason) == ("address", "ADDR-003", "No address.")
    report(door, token, step="bmc", outcome=FAILED, message="No BMC.", issue="BMC-006")
    node = Node.objects.get()
    assert (node.step, node.issue, node.reason) == ("bmc", "BMC-006", "No BMC.")


def test_a_failure_before_registering_keeps_its_code(door: Door) -> None:
    token = boot_token(MACHINE)
    report(door, token, step="inventory", outcome=FAILED, message="lsblk hangs.", issue="REG-003")
    assert BootRequest.objects.get().message == "REG-003: lsblk hangs."
