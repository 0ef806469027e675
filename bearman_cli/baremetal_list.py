"""What `bearman-cli baremetal list` does."""

import json
from collections.abc import Sequence
from itertools import islice

from bearman_cli import paging, render
from bearman_cli.as_json import as_dict, enum_name
from bearman_cli.connection import OPERATOR, Connection
from bearman_cli.options import Options
from bearman_cli.text import encodable
from protos.bearman.v1 import baremetal_pb2, baremetal_pb2_grpc

TITLES = (
    "HOSTNAME",
    "STATE",
    "STEP",
    "SINCE",
    "ADDRESS",
    "VLAN",
    "PROFILE",
    "IMAGE",
    "NODE",
    "ON",
    "BY",
    "REASON",
)
WHOLE = [TITLES.index(title) for title in ("HOSTNAME", "STATE", "ADDRESS")]
OPTIONAL = [
    TITLES.index(title)
    for title in ("BY", "IMAGE", "VLAN", "ON", "REASON", "SINCE", "NODE", "STEP")
]


def filters(
    *, states: Sequence[str], profile: str, query: str
) -> baremetal_pb2.ListBaremetalsRequest:
    """The request for those in one of these states (short names) and so on; empty for any."""
    return baremetal_pb2.ListBaremetalsRequest(
        states=[baremetal_pb2.BaremetalState.Value(f"BAREMETAL_STATE_{state}") for state in states],
        profile=encodable(profile),
        query=encodable(query),
    )


def run(
    options: Options, *, wanted: baremetal_pb2.ListBaremetalsRequest, limit: int | None
) -> None:
    """Print the baremetals that fit, newest first; all of them where `limit` is None."""
    responses = paging.pages(
        Connection(options, OPERATOR),
        lambda channel: baremetal_pb2_grpc.BaremetalServiceStub(channel).ListBaremetals,
        wanted,
        limit,
    )
    found = (baremetal for response in responses for baremetal in response.baremetals)
    shown = list(islice(found, limit))
    more = limit is not None and next(found, None) is not None
    if options.notes.json:
        print(json.dumps({"baremetals": [as_dict(item) for item in shown], "more": more}))
        return
    if shown:
        render.write(table(shown))
    else:
        options.notes.say(_nothing(wanted))
    if more:
        options.notes.say(f"There are more than these {limit}: give --limit N or --all.")


def table(baremetals: Sequence[baremetal_pb2.Baremetal]) -> render.Table:
    """The baremetals as rows; what people copy stays whole on any terminal."""
    rows = [_row(baremetal) for baremetal in baremetals]
    return render.Table(TITLES, rows, whole=WHOLE, optional=OPTIONAL)


def _row(baremetal: baremetal_pb2.Baremetal) -> tuple[str, ...]:
    return (
        baremetal.hostname,
        state_name(baremetal.state),
        baremetal.step,
        render.local_time(baremetal.state_since),
        baremetal.service_address,
        str(baremetal.vlan_id or ""),
        f"{baremetal.profile} v{baremetal.profile_version}",
        baremetal.image,
        baremetal.node_id,
        baremetal.node_label,
        baremetal.created_by,
        baremetal.reason,
    )


def state_name(state: int) -> str:
    """INSTALLED for BAREMETAL_STATE_INSTALLED; empty where none was given."""
    return enum_name(baremetal_pb2.BaremetalState.DESCRIPTOR, state) or ""


def _nothing(wanted: baremetal_pb2.ListBaremetalsRequest) -> str:
    if wanted.ByteSize():
        return "No baremetal fits. Leave out a filter to see more."
    return "There are no baremetals. Make one with `bearman-cli deploy NODE --profile PROFILE`."
