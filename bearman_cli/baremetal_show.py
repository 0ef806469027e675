"""What `bearman-cli baremetal show` does."""

import json
from collections.abc import Sequence

from bearman_cli import render
from bearman_cli.as_json import as_dict, utc
from bearman_cli.baremetal_list import state_name
from bearman_cli.connection import OPERATOR, Connection
from bearman_cli.options import Options
from bearman_cli.text import encodable
from protos.bearman.v1 import baremetal_pb2, baremetal_pb2_grpc

TIME = "%Y-%m-%d %H:%M:%S %Z"
SHOWN_IF_SET = {
    "Step",
    "Issue",
    "Reason",
    "Advice",
    "Attempt",
    "Deadline",
    "VLAN",
    "Boots",
    "Installed",
}


def run(options: Options, *, baremetal: str) -> None:
    """Print one baremetal with its time line and the log of its last failure."""
    found = get(Connection(options, OPERATOR), baremetal)
    if options.notes.json:
        print(json.dumps(as_dict(found)))
        return
    render.write(_summary(found.baremetal))
    render.heading("Events, oldest first")
    if found.events:
        render.write(_events(found.events))
    else:
        print("Nothing has happened yet.")
    if log := last_log(found.events):
        render.heading("Last lines of what failed")
        render.text(log)


def get(
    connection: Connection, baremetal: str, after_event: int = 0
) -> baremetal_pb2.GetBaremetalResponse:
    """One baremetal by any of its names, with the events after that one (0: the latest 100)."""
    request = baremetal_pb2.GetBaremetalRequest(
        baremetal=encodable(baremetal), after_event=after_event
    )
    return connection.call(
        lambda channel: baremetal_pb2_grpc.BaremetalServiceStub(channel).GetBaremetal, request
    )


def last_log(events: Sequence[baremetal_pb2.BaremetalEvent]) -> str:
    """What the last script that failed had to say; empty where none did."""
    return next((event.log_tail for event in reversed(events) if event.log_tail), "")


def what_happened(event: baremetal_pb2.BaremetalEvent) -> str:
    """The new state where it changed, else the kind of the event."""
    return state_name(event.to_state) or event.kind


def seconds_between(
    earlier: baremetal_pb2.BaremetalEvent, later: baremetal_pb2.BaremetalEvent
) -> float:
    """By the server's clock; below 0 where it was set back."""
    return (utc(later.at) - utc(earlier.at)).total_seconds()


def _summary(baremetal: baremetal_pb2.Baremetal) -> render.Table:
    vlan, attempt = baremetal.vlan_id, baremetal.attempt
    lines = (
        ("State", state_name(baremetal.state)),
        ("Step", baremetal.step),
        ("Issue", " ".join(filter(None, (baremetal.issue, baremetal.issue_title)))),
        ("Reason", baremetal.reason),
        ("Advice", baremetal.advice),
        ("Host name", baremetal.hostname),
        ("Baremetal", baremetal.id),
        ("Address", baremetal.service_address),
        ("All addresses", ", ".join(baremetal.addresses)),
        ("VLAN", str(vlan) if vlan else ""),
        ("Profile", f"{baremetal.profile}, version {baremetal.profile_version}"),
        ("Image", baremetal.image),
        ("Node", " ".join(filter(None, (baremetal.node_id, baremetal.node_label)))),
        ("Attempt", str(attempt) if attempt > 1 else ""),
        ("Boots", "over the network instead of by kexec" if baremetal.cold_boot else ""),
        ("Deadline", render.local_time(baremetal.deadline, TIME)),
        ("Asked for", render.local_time(baremetal.created_at, TIME)),
        ("By", baremetal.created_by),
        ("In its state since", render.local_time(baremetal.state_since, TIME)),
        ("Installed", render.local_time(baremetal.installed_at, TIME)),
    )
    return render.Table((), [line for line in lines if line[1] or line[0] not in SHOWN_IF_SET])


def _events(events: Sequence[baremetal_pb2.BaremetalEvent]) -> render.Table:
    """The time line; AFTER is the time since the event before."""
    before = (events[0], *events)
    return render.Table(
        ("TIME", "AFTER", "WHO", "WHAT", "STEP", "MESSAGE"),
        [
            (
                render.local_time(event.at),
                render.duration(seconds_between(earlier, event)) if earlier is not event else "",
                event.actor,
                what_happened(event),
                event.step,
                " ".join(filter(None, (event.issue, event.message))),
            )
            for earlier, event in zip(before, events, strict=False)
        ],
    )
