"""What `bearman-cli identity list` does."""

import json
from collections.abc import Iterator
from itertools import islice

from bearman_cli import paging, render
from bearman_cli.as_json import as_dict
from bearman_cli.connection import OPERATOR, Connection
from bearman_cli.options import Options
from bearman_cli.text import place
from protos.bearman.v1 import identity_pb2 as pb
from protos.bearman.v1 import identity_pb2_grpc

TITLES = ("NODE", "MACHINE", "CODE", "ZONE", "PLACE", "BEST MATCH", "SCORE", "LAST SEEN", "REASON")
OPTIONAL = [TITLES.index(title) for title in ("REASON", "ZONE", "PLACE", "LAST SEEN")]


def run(options: Options, *, limit: int | None) -> None:
    """Print who waits for a decision; all of them where `limit` is None."""
    found = _pages(Connection(options, OPERATOR), limit)
    nodes = list(islice(found, limit))
    more = limit is not None and next(found, None) is not None
    if options.notes.json:
        print(json.dumps({"nodes": [as_dict(node) for node in nodes], "more": more}))
        return
    if nodes:
        render.write(render.Table(TITLES, [_row(node) for node in nodes], optional=OPTIONAL))
    else:
        options.notes.say("Nobody waits for a decision: no machine is in quarantine.")
    if more:
        options.notes.say(f"There are more than these {limit}: give --limit N or --all.")


def label(node: pb.QuarantinedNode) -> str:
    """The machine in words: vendor, product and serial."""
    return machine(node.node.vendor, node.node.product_name, node.node.serial)


def machine(vendor: str, product_name: str, serial: str) -> str:
    """A machine in words."""
    return " ".join(filter(None, (vendor, product_name, serial)))


def _pages(connection: Connection, limit: int | None) -> Iterator[pb.QuarantinedNode]:
    for page in paging.pages(
        connection,
        lambda channel: identity_pb2_grpc.IdentityServiceStub(channel).ListQuarantined,
        pb.ListQuarantinedRequest(),
        limit,
    ):
        yield from page.nodes


def _row(node: pb.QuarantinedNode) -> tuple[str, ...]:
    best = node.candidates[0] if node.candidates else None
    return (
        node.node.id,
        label(node),
        node.node.issue,
        node.node.zone,
        place(node.node.rack, node.node.unit),
        f"node {best.node.id}" if best else "",
        f"{best.score:+d}" if best else "",
        render.local_time(node.node.last_seen),
        node.node.reason,
    )
