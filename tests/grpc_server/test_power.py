"""PowerService, from the call to a BMC that speaks IPMI."""

from uuid import uuid4

import grpc
import pytest
from django.contrib.auth.models import Permission, User

from bearman.accounts.services import token_create
from nodes.models import Node, PowerRequest
from nodes.states import NodeStatus
from protos.bearman.v1 import nodes_pb2
from protos.bearman.v1 import power_pb2 as pb
from simulator.bmc.device import SimulatedBmc
from simulator.bmc.fleet import BmcFleet
from tests.grpc_server.conftest import configured
from tests.nodes.power_rig import work
from tests.samples import Machine
from tests.servers import Door, bearer, boot_token

MACHINE = Machine(1)


@pytest.fixture
def bmc(door: Door, fleet: BmcFleet) -> SimulatedBmc:
    """The BMC of a machine that is registered and proven, and lit."""
    token = boot_token(MACHINE)
    made = configured(fleet, door.register(MACHINE, token).bmc)
    proof = nodes_pb2.BmcConfiguredRequest(uuid=MACHINE.uuid)
    assert door.boot.BmcConfigured(proof, metadata=bearer(token)).proven
    return made


def request(
    action: pb.PowerAction.ValueType, *names: str, **more: object
) -> pb.RequestPowerRequest:
    """A request for the machine, unless others are named."""
    return pb.RequestPowerRequest(nodes=names or (MACHINE.serial,), action=action, **more)  # type: ignore[arg-type]


def batch(door: Door, token: str, batch_id: str) -> pb.GetPowerBatchResponse:
    """How far a batch is."""
    asked = pb.GetPowerBatchRequest(batch_id=batch_id)
    return door.power.GetPowerBatch(asked, metadata=bearer(token))


def refused(call: object, *arguments: object, **more: object) -> grpc.RpcError:
    """The error of a call that must fail."""
    with pytest.raises(grpc.RpcError) as caught:
        call(*arguments, **more)  # type: ignore[operator]
    return caught.value


def kinds(error: grpc.RpcError) -> list[tuple[str, str | bytes]]:
    """What the server says behind its answer."""
    return [(each.key, each.value) for each in error.trailing_metadata()]


def token_of(*permissions: str) -> str:
    """The token of a user with these permissions and no others."""
    user = User.objects.create_user("norbert")
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return token_create(user=user, name="tests")[1]


def test_a_machine_is_switched_off_by_one_call_and_followed_by_another(
    door: Door, bmc: SimulatedBmc, operator_token: str
) -> None:
    asked = request(pb.POWER_ACTION_HARD_OFF)
    answer = door.power.RequestPower(asked, metadata=bearer(operator_token))
    before = batch(door, operator_token, answer.batch_id)
    assert (before.finished, before.action, before.actor) == (
        False,
        pb.POWER_ACTION_HARD_OFF,
        "olga",
    )
    assert [item.result for item in before.items] == [pb.POWER_RESULT_WAITING]
    assert not before.items[0].HasField("ended_at")
    work()
    assert not bmc.powered
    (item,) = batch(door, operator_token, answer.batch_id).items
    assert (item.result, item.message, item.power) == (
        pb.POWER_RESULT_DONE,
        "The power is off.",
        "off",
    )
    assert MACHINE.serial in item.node_label
    assert item.HasField("ended_at")


def test_the_same_request_id_gives_the_same_batch(
    door: Door, bmc: SimulatedBmc, operator_token: str
) -> None:
    asked = request(pb.POWER_ACTION_CYCLE, request_id=str(uuid4()))
    answers = {
        door.power.RequestPower(asked, metadata=bearer(operator_token)).batch_id for _ in range(3)
    }
    assert len(answers) == 1
    assert PowerRequest.objects.count() == 1


def test_a_machine_in_use_is_switched_off_only_where_that_is_confirmed(
    door: Door, bmc: SimulatedBmc, operator_token: str
) -> None:
    Node.objects.update(status=NodeStatus.IN_USE)
    asked = request(pb.POWER_ACTION_SOFT_OFF)
    error = refused(door.power.RequestPower, asked, metadata=bearer(operator_token))
    assert error.code() == grpc.StatusCode.FAILED_PRECONDITION
    assert MACHINE.serial in (error.details() or "")
    assert ("bearman-error", "Unconfirmed") in kinds(error)
    asked.confirmed = True
    door.power.RequestPower(asked, metadata=bearer(operator_token))


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (request(pb.POWER_ACTION_ON, "nobody"), grpc.StatusCode.NOT_FOUND),
        (request(pb.POWER_ACTION_UNSPECIFIED), grpc.StatusCode.INVALID_ARGUMENT),
        (request(pb.POWER_ACTION_ON, *["1"] * 501), grpc.StatusCode.INVALID_ARGUMENT),
        (request(pb.POWER_ACTION_ON, request_id="x"), grpc.StatusCode.INVALID_ARGUMENT),
        (pb.RequestPowerRequest(action=pb.POWER_ACTION_ON), grpc.StatusCode.INVALID_ARGUMENT),
    ],
)
def test_what_cannot_be_asked_is_refused(
    door: Door,
    bmc: SimulatedBmc,
    operator_token: str,
    asked: pb.RequestPowerRequest,
    code: grpc.StatusCode,
) -> None:
    error = refused(door.power.RequestPower, asked, metadata=bearer(operator_token))
    assert error.code() == code
    assert not PowerRequest.objects.exists()


@pytest.mark.parametrize("name", ["", "x" * 5000, "4c4c4544-0042-3510-8052-b4c04f333232"])
def test_an_unknown_batch_is_not_found(door: Door, operator_token: str, name: str) -> None:
    asked = pb.GetPowerBatchRequest(batch_id=name)
    error = refused(door.power.GetPowerBatch, asked, metadata=bearer(operator_token))
    assert error.code() == grpc.StatusCode.NOT_FOUND


def test_asking_needs_the_permission_to_change_nodes_and_looking_the_one_to_view_them(
    door: Door, bmc: SimulatedBmc, operator_token: str
) -> None:
    asked = request(pb.POWER_ACTION_ON)
    number = door.power.RequestPower(asked, metadata=bearer(operator_token)).batch_id
    viewer = token_of("view_node")
    assert batch(door, viewer, number).items
    error = refused(door.power.RequestPower, asked, metadata=bearer(viewer))
    assert error.code() == grpc.StatusCode.PERMISSION_DENIED
    assert "nodes.change_node" in (error.details() or "")
    assert PowerRequest.objects.count() == 1


def test_nobody_asks_or_looks_without_a_token_or_permission(door: Door, bmc: SimulatedBmc) -> None:
    asked, looked = request(pb.POWER_ACTION_ON), pb.GetPowerBatchRequest(batch_id=str(uuid4()))
    nobody = bearer(token_of())
    machine = bearer(boot_token(MACHINE))
    for call, what in ((door.power.RequestPower, asked), (door.power.GetPowerBatch, looked)):
        assert refused(call, what).code() == grpc.StatusCode.UNAUTHENTICATED
        assert refused(call, what, metadata=machine).code() == grpc.StatusCode.UNAUTHENTICATED
        assert refused(call, what, metadata=nobody).code() == grpc.StatusCode.PERMISSION_DENIED
    assert not PowerRequest.objects.exists()
