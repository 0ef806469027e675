"""What `bearman-cli identity merge`, `own`, `reject` and `undo` do."""

import json
import sys

from bearman_cli import confirm
from bearman_cli.as_json import as_dict, status_name
from bearman_cli.connection import OPERATOR, Connection
from bearman_cli.errors import CliError
from bearman_cli.identity_list import label, machine
from bearman_cli.identity_show import get
from bearman_cli.options import Options
from bearman_cli.text import clean, encodable
from protos.bearman.v1 import identity_pb2 as pb
from protos.bearman.v1 import identity_pb2_grpc, nodes_pb2, nodes_pb2_grpc

UNCONFIRMED = "Unconfirmed"  # the server's name for what it wants to be told twice


def merge(options: Options, *, node: str, into: str, note: str, yes: bool) -> None:
    """Merge a machine into the node that it is; asks once more where that node is in use."""
    connection = Connection(options, OPERATOR)
    found, target = get(connection, node), _node(connection, into)
    named = f"node {target.id} ({_words(target)})"
    confirm.require(f"Is {_named(found)} the machine of {named}?", yes=yes)
    request = pb.MergeNodeRequest(
        node=found.node.id, into=target.id, note=encodable(note), confirmed=yes
    )
    _done(options, _merged(connection, request), f"was merged into node {target.id}.", found)


def own(options: Options, *, node: str, note: str, yes: bool) -> None:
    """Give a machine its own identity."""
    connection = Connection(options, OPERATOR)
    found = get(connection, node)
    confirm.require(f"Is {_named(found)} a machine of its own?", yes=yes)
    answer = connection.call(
        lambda channel: identity_pb2_grpc.IdentityServiceStub(channel).OwnNode,
        pb.OwnNodeRequest(node=found.node.id, note=encodable(note)),
    )
    _done(options, answer.node, "has its own identity.", found)


def reject(options: Options, *, node: str, note: str, yes: bool) -> None:
    """Turn a machine away."""
    connection = Connection(options, OPERATOR)
    found = get(connection, node)
    confirm.require(f"Turn {_named(found)} away?", yes=yes)
    answer = connection.call(
        lambda channel: identity_pb2_grpc.IdentityServiceStub(channel).RejectNode,
        pb.RejectNodeRequest(node=found.node.id, note=encodable(note)),
    )
    _done(options, answer.node, "was rejected.", found)


def undo(options: Options, *, node: str, note: str, yes: bool) -> None:
    """Take a decision back."""
    connection = Connection(options, OPERATOR)
    row = _node(connection, node)
    named = f"node {row.id} ({_words(row)})"
    confirm.require(f"Take back what was decided about {named}?", yes=yes)
    answer = connection.call(
        lambda channel: identity_pb2_grpc.IdentityServiceStub(channel).UndecideNode,
        pb.UndecideNodeRequest(node=row.id, note=encodable(note)),
    )
    if options.notes.json:
        print(json.dumps({"node": as_dict(answer.node)}))
    else:
        print(clean(f"Node {row.id} ({_words(answer.node)}) waits for a decision again."))


def _merged(connection: Connection, request: pb.MergeNodeRequest) -> nodes_pb2.NodeSummary:
    try:
        return _merge(connection, request)
    except CliError as error:
        if error.kind != UNCONFIRMED or not sys.stdin.isatty():
            raise
        confirm.require(f"{error.message} Merge all the same?", yes=False)
    request.confirmed = True
    return _merge(connection, request)


def _merge(connection: Connection, request: pb.MergeNodeRequest) -> nodes_pb2.NodeSummary:
    return connection.call(
        lambda channel: identity_pb2_grpc.IdentityServiceStub(channel).MergeNode, request
    ).node


def _node(connection: Connection, name: str) -> nodes_pb2.NodeSummary:
    return connection.call(
        lambda channel: nodes_pb2_grpc.NodeServiceStub(channel).GetNode,
        nodes_pb2.GetNodeRequest(node=encodable(name)),
    ).node


def _done(
    options: Options, node: nodes_pb2.NodeSummary, words: str, found: pb.QuarantinedNode
) -> None:
    if options.notes.json:
        print(json.dumps({"node": as_dict(node)}))
        return
    print(clean(f"{label(found)} {words} Node {node.id} is {status_name(node.status)}."))
    if node.advice:
        print(clean(node.advice))


def _named(found: pb.QuarantinedNode) -> str:
    return f"the newcomer {found.node.id} ({label(found)})"


def _words(node: nodes_pb2.NodeSummary) -> str:
    words = machine(node.vendor, node.product_name, node.serial)
    return ", ".join(filter(None, (words, status_name(node.status) or "")))
