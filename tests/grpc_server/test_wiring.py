"""CheckWiring over a real gRPC server."""

import random

import grpc
import pytest

from nodes.models import Node
from protos.bearman.v1 import issues_pb2 as issues
from protos.bearman.v1 import nodes_pb2 as nodes
from protos.bearman.v1 import wiring_pb2 as pb
from protos.bearman.v1 import wiring_pb2_grpc
from tests.nodes.wiring.fabric import Machine as Cabled
from tests.nodes.wiring.fabric import machine_at
from tests.nodes.wiring.outputs import raw_wiring
from tests.nodes.wiring.rig import plan_made
from tests.samples import Machine
from tests.servers import Door, bearer, boot_token


def request_of(machine: Machine, cabled: Cabled) -> pb.CheckWiringRequest:
    """What the machine sends."""
    raw = raw_wiring(cabled, random.Random(4))
    return pb.CheckWiringRequest(
        uuid=machine.uuid,
        lldp=raw.lldp,
        ip_link=raw.ip_link,
        links=[
            pb.LinkReading(
                interface=link.interface,
                settings=link.settings,
                module=link.module,
                module_error=link.module_error,
            )
            for link in raw.links
        ],
    )


def check(door: Door, token: str, request: pb.CheckWiringRequest) -> pb.CheckWiringResponse:
    """What the server answers."""
    stub = wiring_pb2_grpc.WiringServiceStub(door.channel)
    return stub.CheckWiring(request, metadata=bearer(token))


def test_a_registered_machine_is_refused_until_its_cables_are_right(door: Door) -> None:
    plan_made()
    machine, cabled = Machine(1), machine_at("r1", 7, "swp{}", "sfp")
    token = boot_token(machine)
    door.register(machine, token)
    Node.objects.update(rack="r1", unit=7)
    cabled.wires["eno2"].up, cabled.wires["eno2"].rx = False, [-40.0]
    cabled.wires["eno1"].rx = [-17.0]
    answer = check(door, token, request_of(machine, cabled))
    assert (answer.passed, answer.status) == (False, nodes.NODE_STATUS_REGISTER_FAILED)
    assert answer.issue == "WIRE-012"
    assert "Swap the two fibres of this pair" in answer.advice
    assert "eno2 (rack r1, unit 7) has no link" in answer.reason
    assert [(each.code, each.severity) for each in answer.findings] == [
        ("WIRE-012", issues.SEVERITY_ERROR),
        ("WIRE-016", issues.SEVERITY_WARNING),
    ]
    assert answer.findings[0].title == "Module sends light but sees none"
    assert (answer.findings[0].subject, answer.findings[0].source) == ("eno2", "wiring")
    cabled.wires["eno2"].up, cabled.wires["eno2"].rx = True, [-2.0]
    answer = check(door, token, request_of(machine, cabled))
    assert (answer.passed, answer.status) == (True, nodes.NODE_STATUS_REGISTERING)
    assert (answer.reason, answer.issue, len(answer.findings)) == ("", "", 1)
    assert door.register(machine, token).status == nodes.NODE_STATUS_REGISTERING


def test_who_has_no_node_or_another_token_or_too_much_is_refused(door: Door) -> None:
    machine = Machine(1)
    token = boot_token(machine)
    request = request_of(machine, machine_at("r1", 7, "swp{}", "sfp"))
    with pytest.raises(grpc.RpcError) as caught:
        check(door, token, request)
    assert caught.value.code() == grpc.StatusCode.FAILED_PRECONDITION
    with pytest.raises(grpc.RpcError) as caught:
        check(door, boot_token(Machine(2)), request)
    assert caught.value.code() == grpc.StatusCode.PERMISSION_DENIED
    door.register(machine, token)
    request.lldp = b" " * (2 * 1024 * 1024)
    with pytest.raises(grpc.RpcError) as caught:
        check(door, token, request)
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert "2097152" in (caught.value.details() or "")
