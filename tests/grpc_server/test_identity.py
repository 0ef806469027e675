"""IdentityService and `bearman-cli identity`, on a real server."""

import json

import grpc
import pytest
from django.contrib.auth.models import Permission, User

from bearman.accounts.services import token_create
from nodes.models import Node, NodeEvent
from nodes.states import Decision, NodeStatus
from protos.bearman.v1 import identity_pb2 as pb
from protos.bearman.v1 import nodes_pb2
from tests.grpc_server.cli import cli
from tests.samples import Machine
from tests.servers import Door, bearer, boot_token

ONE = Machine(1)
TWIN = Machine(2, uuid=ONE.uuid)


@pytest.fixture
def waits(door: Door) -> Node:
    """A machine in quarantine beside the one that has its UUID."""
    door.register(ONE)
    return Node.objects.get(pk=door.register(TWIN).node_id)


def owner() -> Node:
    return Node.objects.get(serial=ONE.serial)


def now(node: Node) -> Node:
    return Node.objects.get(pk=node.pk)


def token_of(*permissions: str) -> str:
    """The token of a user with these permissions and no others."""
    user = User.objects.create_user("norbert")
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return token_create(user=user, name="tests")[1]


def test_who_waits_is_listed_oldest_first_in_pages_with_the_best_candidate(
    door: Door, operator_token: str, waits: Node
) -> None:
    third = Node.objects.get(pk=door.register(Machine(3, uuid=ONE.uuid)).node_id)
    request = pb.ListQuarantinedRequest(page_size=1)
    first = door.identity.ListQuarantined(request, metadata=bearer(operator_token))
    assert [row.node.id for row in first.nodes] == [str(waits.pk)]
    assert first.nodes[0].clashes_with == str(owner().pk)
    assert first.nodes[0].candidates[0].node.id == str(owner().pk)
    assert first.nodes[0].candidates[0].score < 0
    request.page_token = first.next_page_token
    last = door.identity.ListQuarantined(request, metadata=bearer(operator_token))
    assert [row.node.id for row in last.nodes] == [str(third.pk)]
    assert last.next_page_token == ""


def test_a_machine_is_shown_with_the_signs_for_and_against(
    door: Door, operator_token: str, waits: Node
) -> None:
    request = pb.GetQuarantinedRequest(node=TWIN.serial)
    found = door.identity.GetQuarantined(request, metadata=bearer(operator_token)).node
    signs = {sign.words: sign.weight for sign in found.candidates[0].signs}
    assert signs[f"board serial {TWIN.board_serial} instead of {ONE.board_serial}"] == -3
    assert found.candidates[0].may_merge
    with pytest.raises(grpc.RpcError) as refused:
        door.identity.GetQuarantined(
            pb.GetQuarantinedRequest(node=ONE.serial), metadata=bearer(operator_token)
        )
    assert refused.value.code() == grpc.StatusCode.FAILED_PRECONDITION


def test_each_decision_says_who_made_it_and_can_be_taken_back(
    door: Door, operator_token: str, waits: Node
) -> None:
    who, key = bearer(operator_token), str(waits.pk)
    owned = door.identity.OwnNode(pb.OwnNodeRequest(node=key, note="Cloned."), metadata=who)
    assert owned.node.status == nodes_pb2.NODE_STATUS_REGISTER_FAILED
    assert owned.node.issue == "ID-011"
    back = door.identity.UndecideNode(pb.UndecideNodeRequest(node=key), metadata=who)
    assert back.node.status == nodes_pb2.NODE_STATUS_QUARANTINED
    gone = door.identity.RejectNode(pb.RejectNodeRequest(node=key), metadata=who)
    assert gone.node.status == nodes_pb2.NODE_STATUS_RETIRED
    door.identity.UndecideNode(pb.UndecideNodeRequest(node=key), metadata=who)
    into = str(owner().pk)
    merged = door.identity.MergeNode(pb.MergeNodeRequest(node=key, into=into), metadata=who)
    assert (merged.node.id, merged.node.serial) == (into, TWIN.serial)
    assert set(NodeEvent.objects.filter(step="identity").values_list("actor", flat=True)) == {
        "olga"
    }


def test_a_twin_with_its_own_identity_registers_over_the_wire(
    door: Door, operator_token: str, waits: Node
) -> None:
    request = pb.OwnNodeRequest(node=str(waits.pk))
    door.identity.OwnNode(request, metadata=bearer(operator_token))
    answers = [door.register(machine) for machine in (TWIN, ONE, TWIN)]
    assert [answer.node_id for answer in answers] == [
        str(waits.pk),
        str(owner().pk),
        str(waits.pk),
    ]
    assert answers[0].bmc.address != answers[1].bmc.address
    assert boot_token(ONE) != boot_token(TWIN)


def test_looking_and_deciding_need_their_permissions(door: Door, waits: Node) -> None:
    viewer = bearer(token_of("view_node"))
    door.identity.ListQuarantined(pb.ListQuarantinedRequest(), metadata=viewer)
    key = str(waits.pk)
    for call in (
        lambda who: door.identity.MergeNode(pb.MergeNodeRequest(node=key, into=key), metadata=who),
        lambda who: door.identity.OwnNode(pb.OwnNodeRequest(node=key), metadata=who),
        lambda who: door.identity.RejectNode(pb.RejectNodeRequest(node=key), metadata=who),
        lambda who: door.identity.UndecideNode(pb.UndecideNodeRequest(node=key), metadata=who),
    ):
        with pytest.raises(grpc.RpcError) as refused:
            call(viewer)
        assert refused.value.code() == grpc.StatusCode.PERMISSION_DENIED
        with pytest.raises(grpc.RpcError) as refused:
            call(())
        assert refused.value.code() == grpc.StatusCode.UNAUTHENTICATED
    assert now(waits).status == NodeStatus.QUARANTINED


def test_the_command_line_lists_shows_and_decides(
    door: Door, operator_token: str, waits: Node
) -> None:
    def run(*words: str) -> str:
        done = cli(door.port, operator_token, "identity", *words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert f"node {owner().pk}" in run("list")
    assert TWIN.serial in run("list")
    shown = run("show", TWIN.serial)
    assert f"board serial {TWIN.board_serial} instead of {ONE.board_serial}" in shown
    assert "another machine" in shown
    assert json.loads(run("list", "--json"))["nodes"][0]["node"]["id"] == str(waits.pk)
    assert "has its own identity" in run("own", TWIN.serial, "--yes", "--note", "Cloned")
    assert now(waits).decision == Decision.OWN
    assert "waits for a decision again" in run("undo", TWIN.serial, "--yes")
    merged = run("merge", TWIN.serial, "--into", ONE.serial, "--yes")
    assert f"was merged into node {owner_of_merge(waits)}" in merged
    assert "off and on" in merged
    assert run("list") == ""


def owner_of_merge(node: Node) -> int:
    """The node that a row was merged into."""
    target = now(node).same_as
    assert target is not None
    return target.pk


def test_without_a_terminal_nothing_is_decided_unasked(
    door: Door, operator_token: str, waits: Node
) -> None:
    for words in (("own", TWIN.serial), ("merge", TWIN.serial, "--into", ONE.serial)):
        done = cli(door.port, operator_token, "identity", *words)
        assert done.returncode == 2
        assert "--yes" in done.stderr
    unknown = cli(door.port, operator_token, "identity", "reject", "nobody", "--yes")
    assert unknown.returncode == 5
    assert now(waits).status == NodeStatus.QUARANTINED
