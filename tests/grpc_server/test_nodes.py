"""NodeService: list, get, watch."""

import threading

import grpc
import pytest
from django.contrib.auth.models import User
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from bearman.accounts.models import OperatorToken
from bearman.accounts.services import token_create, token_revoke
from protos.bearman.v1 import nodes_pb2 as pb
from tests.samples import Machine
from tests.servers import Door, bearer, boot_token


@pytest.fixture
def three(door: Door) -> list[Machine]:
    machines = [Machine(number) for number in (1, 2, 3)]
    for machine in machines:
        door.register(machine)
    return machines


def test_nodes_are_listed_newest_first_page_by_page(
    door: Door, three: list[Machine], operator_token: str
) -> None:
    asked = bearer(operator_token)
    first = door.nodes.ListNodes(pb.ListNodesRequest(page_size=2), metadata=asked)
    assert [node.serial for node in first.nodes] == ["SN000003", "SN000002"]
    rest = pb.ListNodesRequest(page_size=2, page_token=first.next_page_token)
    second = door.nodes.ListNodes(rest, metadata=asked)
    assert [node.serial for node in second.nodes] == ["SN000001"]
    assert second.next_page_token == ""


@pytest.mark.parametrize("query", ["SN000002", "sn000002", "127.43.0.11", "acme sn000002"])
def test_nodes_are_found_by_what_people_know(
    door: Door, three: list[Machine], operator_token: str, query: str
) -> None:
    found = door.nodes.ListNodes(pb.ListNodesRequest(query=query), metadata=bearer(operator_token))
    assert [node.serial for node in found.nodes] == ["SN000002"]


def test_filters_narrow_the_list(door: Door, three: list[Machine], operator_token: str) -> None:
    ready = pb.ListNodesRequest(statuses=[pb.NODE_STATUS_READY])
    registering = pb.ListNodesRequest(statuses=[pb.NODE_STATUS_REGISTERING], zone="z1")
    asked = bearer(operator_token)
    assert len(door.nodes.ListNodes(ready, metadata=asked).nodes) == 0
    assert len(door.nodes.ListNodes(registering, metadata=asked).nodes) == 3


def test_one_node_is_found_by_any_of_its_names(
    door: Door, three: list[Machine], operator_token: str
) -> None:
    machine = three[1]
    for name in (machine.uuid, machine.serial, machine.macs[0].upper(), "127.43.0.11"):
        answer = door.nodes.GetNode(pb.GetNodeRequest(node=name), metadata=bearer(operator_token))
        assert answer.node.serial == machine.serial
        assert len(answer.memory_modules) == 4
        assert answer.events


def test_a_node_that_is_not_there_is_told_in_a_sentence(
    door: Door, three: list[Machine], operator_token: str
) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        door.nodes.GetNode(pb.GetNodeRequest(node="nope"), metadata=bearer(operator_token))
    assert caught.value.code() == grpc.StatusCode.NOT_FOUND
    assert "'nope'" in (caught.value.details() or "")


def test_words_that_fit_two_nodes_name_both(door: Door, operator_token: str) -> None:
    door.register(Machine(1, serial="SAME"))
    door.register(Machine(2, serial="SAME"))
    with pytest.raises(grpc.RpcError) as caught:
        door.nodes.GetNode(pb.GetNodeRequest(node="SAME"), metadata=bearer(operator_token))
    assert caught.value.code() == grpc.StatusCode.FAILED_PRECONDITION


def test_a_watch_tells_what_happens_from_now_on(
    door: Door, three: list[Machine], operator_token: str
) -> None:
    stream = door.nodes.WatchNodes(pb.WatchNodesRequest(), metadata=bearer(operator_token))
    later = threading.Timer(1.0, lambda: door.register(Machine(1, product="RackBox 651")))
    boot = threading.Timer(1.2, lambda: door.register(Machine(1, memory=["NEW"])))
    later.start()
    boot.start()
    try:
        seen = next(stream)
        assert seen.node.serial == "SN000001"
        assert "NEW" in seen.event.message or "memory" in seen.event.message
    finally:
        stream.cancel()
        later.join()
        boot.join()


def test_nobody_reads_without_a_token_or_permission(door: Door, three: list[Machine]) -> None:
    nobody = User.objects.create_user("norbert")
    row, token = token_create(user=nobody, name="tests")
    with pytest.raises(grpc.RpcError) as bare:
        door.nodes.ListNodes(pb.ListNodesRequest())
    with pytest.raises(grpc.RpcError) as denied:
        door.nodes.ListNodes(pb.ListNodesRequest(), metadata=bearer(token))
    token_revoke(token=row)
    with pytest.raises(grpc.RpcError) as revoked:
        door.nodes.ListNodes(pb.ListNodesRequest(), metadata=bearer(token))
    assert bare.value.code() == grpc.StatusCode.UNAUTHENTICATED
    assert denied.value.code() == grpc.StatusCode.PERMISSION_DENIED
    assert revoked.value.code() == grpc.StatusCode.UNAUTHENTICATED


def test_a_machines_token_is_no_operators_token(door: Door) -> None:

    with pytest.raises(grpc.RpcError) as caught:
        door.nodes.ListNodes(pb.ListNodesRequest(), metadata=bearer(boot_token(Machine(1))))
    assert caught.value.code() == grpc.StatusCode.UNAUTHENTICATED


def test_operators_tokens_are_kept_as_hashes(operator_token: str) -> None:
    assert operator_token.encode() not in bytes(OperatorToken.objects.get().digest)


def test_health_and_reflection_answer(door: Door) -> None:

    health = health_pb2_grpc.HealthStub(door.channel)
    answer = health.Check(health_pb2.HealthCheckRequest(service="bearman.v1.BootService"))
    assert answer.status == health_pb2.HealthCheckResponse.SERVING
    reflection = reflection_pb2_grpc.ServerReflectionStub(door.channel)
    asked = reflection_pb2.ServerReflectionRequest(list_services="")
    listed = next(iter(reflection.ServerReflectionInfo(iter([asked]))))
    names = {service.name for service in listed.list_services_response.service}
    assert {"bearman.v1.NodeService", "ipman.v1.IpmanService"} <= names


def test_a_nul_in_a_question_is_no_crash(door: Door, operator_token: str) -> None:
    asked = bearer(operator_token)
    codes = set()
    for request in (pb.ListNodesRequest(query="\0"), pb.ListNodesRequest(zone="\0")):
        with pytest.raises(grpc.RpcError) as caught:
            door.nodes.ListNodes(request, metadata=asked)
        codes.add(caught.value.code())
    assert codes == {grpc.StatusCode.INVALID_ARGUMENT}
    with pytest.raises(grpc.RpcError) as caught:
        door.nodes.GetNode(pb.GetNodeRequest(node="a\0b"), metadata=asked)
    assert caught.value.code() == grpc.StatusCode.NOT_FOUND
