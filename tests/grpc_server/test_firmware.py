"""PlanFirmware and ReportFirmware over a real channel."""

import grpc
import pytest

from nodes.models import Node
from protos.bearman.v1 import firmware_pb2 as pb
from protos.bearman.v1 import firmware_pb2_grpc
from protos.bearman.v1 import issues_pb2 as issues
from protos.bearman.v1 import nodes_pb2 as nodes
from tests.nodes.firmware_rig import MC_INFO, baseline
from tests.samples import Machine
from tests.servers import Door, bearer, boot_token

MACHINE = Machine(1)


@pytest.fixture
def token(door: Door) -> str:
    """The boot token of a machine that has registered."""
    given = boot_token(MACHINE)
    door.register(MACHINE, given)
    return given


def plan(
    door: Door, token: str, inventory: nodes.Inventory | None = None
) -> pb.PlanFirmwareResponse:
    request = pb.PlanFirmwareRequest(
        uuid=MACHINE.uuid,
        inventory=inventory or MACHINE.inventory(),
        mc_info=MC_INFO.format("4.20").encode(),
    )
    stub = firmware_pb2_grpc.FirmwareServiceStub(door.channel)
    return stub.PlanFirmware(request, metadata=bearer(token))


def report(
    door: Door, token: str, update: int, outcome: pb.FirmwareOutcome.ValueType, **more: object
) -> pb.ReportFirmwareResponse:
    request = pb.ReportFirmwareRequest(
        uuid=MACHINE.uuid,
        update_id=update,
        outcome=outcome,
        **more,  # type: ignore[arg-type]
    )
    stub = firmware_pb2_grpc.FirmwareServiceStub(door.channel)
    return stub.ReportFirmware(request, metadata=bearer(token))


def test_a_plan_has_all_that_the_machine_needs(door: Door, token: str) -> None:
    kept = baseline(
        "bmc",
        component="bmc",
        comparator="bmc",
        wanted="4.22",
        arguments=["--force"],
        timeout_seconds=120,
    )
    answer = plan(door, token)
    assert answer.passed
    assert answer.status == nodes.NODE_STATUS_REGISTERING
    (update,) = answer.updates
    assert update == pb.FirmwareUpdate(
        id=update.id,
        component="bmc",
        target="",
        title="BMC",
        from_version="4.20",
        wanted_version="4.22",
        tool="vendor",
        artefact=nodes.BootFile(
            url=f"http://127.0.0.1:8001/files/{kept.artefact_path}",
            size=kept.artefact_size,
            sha256=kept.artefact_sha256,
        ),
        arguments=["--force"],
        read_with="ipmitool",
        timeout_seconds=120,
    )


def test_findings_come_with_severity_title_and_advice(door: Door, token: str) -> None:
    baseline("bmc", component="bmc", comparator="bmc", wanted="4.22", mode="dry_run")
    (finding,) = plan(door, token).findings
    assert (finding.code, finding.subject, finding.source) == ("FW-001", "BMC", "firmware")
    assert finding.severity == issues.SEVERITY_NOTE
    assert finding.title
    assert finding.advice


def test_a_lying_tool_ends_the_registration_with_code_and_advice(door: Door, token: str) -> None:
    baseline("bmc", component="bmc", comparator="bmc", wanted="4.22")
    update = plan(door, token).updates[0].id
    started = report(door, token, update, pb.FIRMWARE_OUTCOME_STARTED)
    assert (started.apply, started.passed) == (True, True)
    reading = MC_INFO.format("4.20").encode()
    answer = report(door, token, update, pb.FIRMWARE_OUTCOME_APPLIED, reading=reading)
    assert (answer.apply, answer.passed, answer.issue) == (False, False, "FW-003")
    assert answer.status == nodes.NODE_STATUS_REGISTER_FAILED
    assert answer.reason
    assert answer.advice
    assert Node.objects.get().issue == "FW-003"


@pytest.mark.parametrize(
    ("inventory", "code"),
    [
        (nodes.Inventory(dmidecode=b"x" * 3_000_000), grpc.StatusCode.INVALID_ARGUMENT),
        (nodes.Inventory(lsblk=b"[[[["), grpc.StatusCode.INVALID_ARGUMENT),
    ],
    ids=["too much", "rubbish"],
)
def test_unusable_inventory_is_refused(
    door: Door, token: str, inventory: nodes.Inventory, code: grpc.StatusCode
) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        plan(door, token, inventory)
    assert caught.value.code() == code


def test_an_unknown_outcome_and_an_unknown_update_are_refused(door: Door, token: str) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        report(door, token, 1, pb.FIRMWARE_OUTCOME_UNSPECIFIED)
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    with pytest.raises(grpc.RpcError) as caught:
        report(door, token, 999, pb.FIRMWARE_OUTCOME_STARTED)
    assert caught.value.code() == grpc.StatusCode.NOT_FOUND


def test_a_token_of_another_machine_is_of_no_use(door: Door, token: str) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        plan(door, boot_token(Machine(2)))
    assert caught.value.code() == grpc.StatusCode.PERMISSION_DENIED
