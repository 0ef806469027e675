"""What `bearman-cli node list` does."""

import json
from collections.abc import Iterator, Sequence
from itertools import islice

from bearman_cli import paging, render
from bearman_cli.as_json import as_dict, status_name
from bearman_cli.connection import OPERATOR, Connection
from bearman_cli.options import Options
from bearman_cli.text import encodable, place
from protos.bearman.v1 import nodes_pb2, nodes_pb2_grpc

TITLES = (
    "NODE",
    "UUID",
    "STATUS",
    "SERIAL",
    "VENDOR",
    "PRODUCT",
    "FLAVOR",
    "ZONE",
    "PLACE",
    "BMC",
    "LAST SEEN",
    "REASON",
)
WHOLE = [TITLES.index(title) for title in ("UUID", "STATUS")]
OPTIONAL = [
    TITLES.index(title)
    for title in ("FLAVOR", "VENDOR", "PRODUCT", "REASON", "LAST SEEN", "ZONE", "PLACE", "BMC")
]


def filters(
    *, statuses: Sequence[str], zone: str, flavor: str, query: str, rack: str = ""
) -> nodes_pb2.ListNodesRequest:
    """The request for nodes with one of these statuses (short names) and so on; empty for any."""
    return nodes_pb2.ListNodesRequest(
        statuses=[nodes_pb2.NodeStatus.Value(f"NODE_STATUS_{status}") for status in statuses],
        zone=encodable(zone),
        flavor=encodable(flavor),
        query=encodable(query),
        rack=encodable(rack),
    )


def run(options: Options, *, wanted: nodes_pb2.ListNodesRequest, limit: int | None) -> None:
    """Print the nodes that fit the filters, newest first; all of them where `limit` is None."""
    found = pages(Connection(options, OPERATOR), wanted, limit)
    nodes = list(islice(found, limit))
    more = limit is not None and next(found, None) is not None
    if options.notes.json:
        print(json.dumps({"nodes": [as_dict(node) for node in nodes], "more": more}))
        return
    if nodes:
        render.write(table(nodes))
    else:
        options.notes.say(_nothing(wanted))
    if more:
        options.notes.say(f"There are more than these {limit}: give --limit N or --all.")


def pages(
    connection: Connection, wanted: nodes_pb2.ListNodesRequest, limit: int | None
) -> Iterator[nodes_pb2.NodeSummary]:
    """The nodes of page after page, each fetched when it is needed."""
    for page in paging.pages(
        connection,
        lambda channel: nodes_pb2_grpc.NodeServiceStub(channel).ListNodes,
        wanted,
        limit,
    ):
        yield from page.nodes


def table(nodes: Sequence[nodes_pb2.NodeSummary]) -> render.Table:
    """The nodes as rows; UUIDs stay whole on any terminal."""
    return render.Table(TITLES, [_row(node) for node in nodes], whole=WHOLE, optional=OPTIONAL)


def _row(node: nodes_pb2.NodeSummary) -> tuple[str, ...]:
    return (
        node.id,
        node.uuid,
        status_name(node.status) or "",
        node.serial,
        node.vendor,
        node.product_name,
        node.flavor,
        node.zone,
        place(node.rack, node.unit),
        node.bmc_address,
        render.local_time(node.last_seen),
        " ".join(filter(None, (node.issue, node.reason))),
    )


def _nothing(wanted: nodes_pb2.ListNodesRequest) -> str:
    if wanted.ByteSize():
        return "No node fits. Leave out a filter to see more."
    return (
        "There are no nodes yet. Switch on a machine that boots from Bearman, "
        "and follow it with `bearman-cli node watch`."
    )
