"""RoundUpService and `bearman-cli round-up`, and nodes by their rack, against the real server."""

import json

import grpc
import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from bearman.accounts.services import token_create
from nodes.models import ExpectedMachine, Node
from nodes.services.status import node_move
from nodes.states import NodeStatus
from protos.bearman.v1 import nodes_pb2, roundup_pb2_grpc
from protos.bearman.v1 import roundup_pb2 as pb
from tests.grpc_server.cli import cli
from tests.samples import Machine
from tests.servers import Door, bearer


@pytest.fixture
def failed(door: Door) -> Node:
    """A machine in R2 U4 that failed, one that registers, and one that is missing."""
    ids = [door.register(Machine(number)).node_id for number in (1, 2)]
    Node.objects.filter(pk=ids[0]).update(rack="R2", unit=4)
    node_move(
        node_id=int(ids[0]),
        to=NodeStatus.REGISTER_FAILED,
        step="confirm",
        reason="The BMC did not answer.",
    )
    ExpectedMachine.objects.create(serial="LOST", rack="R10", unit=1, due=timezone.localdate())
    return Node.objects.get(pk=ids[0])


def test_a_round_is_summed_up_for_programs(door: Door, failed: Node, operator_token: str) -> None:
    stub = roundup_pb2_grpc.RoundUpServiceStub(door.channel)
    found = stub.RoundUp(pb.RoundUpRequest(), metadata=bearer(operator_token))
    assert (found.registered, found.failed, found.registering, found.missing) == (0, 1, 1, 1)
    assert [(reason.issue, reason.count) for reason in found.reasons] == [
        ("BMC-001", 1),
        ("EXP-012", 1),
    ]
    first, second, third = found.stops
    assert (first.rack, first.unit, first.node_id) == ("R2", 4, str(failed.pk))
    assert (first.issue, first.reason) == ("BMC-001", "confirm: The BMC did not answer.")
    assert first.status == nodes_pb2.NODE_STATUS_REGISTER_FAILED
    assert (first.address, first.advice) == ("127.0.0.1", failed.advice)
    assert (second.serial, second.node_id, second.status) == ("LOST", "", 0)
    assert third.status == nodes_pb2.NODE_STATUS_REGISTERING
    assert found.until.ToDatetime() > found.since.ToDatetime()


def test_a_span_that_cannot_be_is_refused(door: Door, operator_token: str) -> None:
    stub = roundup_pb2_grpc.RoundUpServiceStub(door.channel)
    wrong = pb.RoundUpRequest(hours=100_000), pb.RoundUpRequest()
    wrong[1].since.seconds = -(2**62)
    for request in wrong:
        with pytest.raises(grpc.RpcError) as refused:
            stub.RoundUp(request, metadata=bearer(operator_token))
        assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_who_may_not_see_nodes_sees_no_round(door: Door) -> None:
    stub = roundup_pb2_grpc.RoundUpServiceStub(door.channel)
    token = token_create(user=User.objects.create_user("nobody"), name="t")[1]
    with pytest.raises(grpc.RpcError) as refused:
        stub.RoundUp(pb.RoundUpRequest(), metadata=bearer(token))
    assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED


def test_people_get_the_round_as_a_list_to_walk_along(
    door: Door, failed: Node, operator_token: str
) -> None:
    done = cli(door.port, operator_token, "round-up", "--hours", "2")
    assert done.returncode == 0, done.stderr
    assert "Failed             1" in done.stdout
    assert "1         BMC-001  The BMC does not answer over the network" in done.stdout
    walk = done.stdout[done.stdout.index("Where to walk") :]
    assert walk.index("R2 U4") < walk.index("R10 U1") < walk.index("REGISTERING")
    assert walk.splitlines()[3].split()[2:5] == ["-", "MISSING", "LOST"]
    answer = json.loads(cli(door.port, operator_token, "round-up", "--json").stdout)
    assert answer["stops"][0]["rack"] == "R2"


def test_an_empty_round_says_so(door: Door, operator_token: str) -> None:
    done = cli(door.port, operator_token, "round-up")
    assert done.returncode == 0
    assert "Nothing happened in this time." in done.stderr


def test_nodes_are_listed_by_their_rack(door: Door, failed: Node, operator_token: str) -> None:
    asked = bearer(operator_token)
    found = door.nodes.ListNodes(nodes_pb2.ListNodesRequest(rack=" r2 "), metadata=asked).nodes
    assert [(node.rack, node.unit) for node in found] == [("R2", 4)]
    found = door.nodes.ListNodes(nodes_pb2.ListNodesRequest(query="r2"), metadata=asked).nodes
    assert len(found) == 1
    with pytest.raises(grpc.RpcError):
        door.nodes.ListNodes(nodes_pb2.ListNodesRequest(rack="a\0"), metadata=asked)
    listed = cli(door.port, operator_token, "node", "list", "--rack", "R2").stdout
    assert "R2 U4" in listed
    assert len(listed.splitlines()) == 2
    assert "Place        R2 U4" in cli(door.port, operator_token, "node", "show", "SN000001").stdout
