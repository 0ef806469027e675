"""What `bearman-cli identity show` does."""

import json

from bearman_cli import render
from bearman_cli.as_json import as_dict, status_name
from bearman_cli.connection import OPERATOR, Connection
from bearman_cli.identity_list import label, machine
from bearman_cli.options import Options
from bearman_cli.text import encodable, place
from protos.bearman.v1 import identity_pb2 as pb
from protos.bearman.v1 import identity_pb2_grpc

TIME = "%Y-%m-%d %H:%M:%S %Z"


def run(options: Options, *, node: str) -> None:
    """Print a machine in quarantine and whom it may be."""
    found = get(Connection(options, OPERATOR), node)
    if options.notes.json:
        print(json.dumps(as_dict(found)))
        return
    render.write(_summary(found))
    render.heading("Nodes that it may be, best first")
    if not found.candidates:
        print("No node shares a part with it: it is most likely a machine of its own.")
    for candidate in found.candidates:
        render.write(_candidate(candidate))
        print()


def get(connection: Connection, node: str) -> pb.QuarantinedNode:
    """The machine; raises CliError where it is not in quarantine."""
    return connection.call(
        lambda channel: identity_pb2_grpc.IdentityServiceStub(channel).GetQuarantined,
        pb.GetQuarantinedRequest(node=encodable(node)),
    ).node


def _summary(found: pb.QuarantinedNode) -> render.Table:
    node = found.node
    return render.Table(
        (),
        [
            ("Node", node.id),
            ("Machine", label(found)),
            ("UUID", node.uuid),
            ("Code", node.issue),
            ("Reason", node.reason),
            ("Advice", node.advice),
            ("Zone", node.zone),
            ("Place", place(node.rack, node.unit)),
            ("Own address", node.address),
            ("First seen", render.local_time(node.first_seen, TIME)),
            ("Last seen", render.local_time(node.last_seen, TIME)),
        ],
    )


def _candidate(candidate: pb.IdentityCandidate) -> render.Table:
    node = candidate.node
    words = machine(node.vendor, node.product_name, node.serial)
    status = status_name(node.status) or ""
    verdict = "the same, as far as its parts tell" if candidate.same else "another machine"
    rows = [(f"node {node.id}", f"{words} ({status})"), (f"{candidate.score:+d}", verdict)]
    rows += [(f"  {sign.weight:+d}", sign.words) for sign in candidate.signs]
    return render.Table((), rows)
