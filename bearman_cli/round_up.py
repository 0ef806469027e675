"""What `bearman-cli round-up` does."""

import json

from bearman_cli import render
from bearman_cli.as_json import as_dict, status_name
from bearman_cli.connection import OPERATOR, Connection
from bearman_cli.options import Options
from bearman_cli.text import place
from protos.bearman.v1 import roundup_pb2, roundup_pb2_grpc

TITLES = ("PLACE", "NODE", "STATUS", "SERIAL", "CODE", "IP", "REASON", "WHAT TO DO")
WHOLE = [TITLES.index(title) for title in ("PLACE", "STATUS", "CODE", "IP")]
OPTIONAL = [TITLES.index(title) for title in ("WHAT TO DO", "NODE", "SERIAL")]
TIME = "%Y-%m-%d %H:%M"


def run(options: Options, *, hours: int) -> None:
    """Print what came of the last hours, and where to walk."""
    found = Connection(options, OPERATOR).call(
        lambda channel: roundup_pb2_grpc.RoundUpServiceStub(channel).RoundUp,
        roundup_pb2.RoundUpRequest(hours=hours),
    )
    if options.notes.json:
        print(json.dumps(as_dict(found)))
        return
    render.write(_summary(found))
    if found.reasons:
        render.heading("What they failed of")
        render.write(_reasons(found))
    if found.stops:
        render.heading("Where to walk")
        render.write(_walk(found))
    elif not _is_empty(found):
        options.notes.say("Nobody has to walk: all machines of this time came through.")
    else:
        options.notes.say("Nothing happened in this time. Choose more hours with --hours N.")
    if found.more:
        options.notes.say(f"There are {found.more} more: choose fewer hours.")


def _is_empty(found: roundup_pb2.RoundUpResponse) -> bool:
    counts = (found.registered, found.failed, found.quarantined, found.registering, found.missing)
    return not any((*counts, found.nameless))


def _summary(found: roundup_pb2.RoundUpResponse) -> render.Table:
    lines = [
        ("From", render.local_time(found.since, TIME)),
        ("To", render.local_time(found.until, TIME)),
        ("Registered", str(found.registered)),
        ("Failed", str(found.failed)),
        ("Quarantined", str(found.quarantined)),
        ("Still registering", str(found.registering)),
        ("Missing", str(found.missing)),
    ]
    if found.failed_before:
        lines.append(("Failed at another time, and still do", str(found.failed_before)))
    if found.nameless:
        lines.append(("Failed before they could register", str(found.nameless)))
    return render.Table((), lines)


def _reasons(found: roundup_pb2.RoundUpResponse) -> render.Table:
    rows = [
        (str(reason.count), reason.issue, reason.title, reason.advice) for reason in found.reasons
    ]
    return render.Table(("MACHINES", "CODE", "WHAT IT IS", "WHAT TO DO"), rows, whole=(0, 1))


def _walk(found: roundup_pb2.RoundUpResponse) -> render.Table:
    rows = [
        (
            place(stop.rack, stop.unit),
            stop.node_id,
            status_name(stop.status) or "MISSING",
            stop.serial,
            stop.issue,
            stop.address,
            stop.reason,
            stop.advice,
        )
        for stop in found.stops
    ]
    return render.Table(TITLES, rows, whole=WHOLE, optional=OPTIONAL)
