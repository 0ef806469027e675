"""What `bearman-cli node show` does."""

import json

from bearman_cli import render
from bearman_cli.as_json import as_dict, status_name
from bearman_cli.connection import OPERATOR, Connection
from bearman_cli.issue_list import severity_name
from bearman_cli.options import Options
from bearman_cli.text import encodable, place
from protos.bearman.v1 import nodes_pb2, nodes_pb2_grpc

TIME = "%Y-%m-%d %H:%M:%S %Z"


def run(options: Options, *, node: str) -> None:
    """Print one node with its inventory and its latest events."""
    request = nodes_pb2.GetNodeRequest(node=encodable(node))
    found = Connection(options, OPERATOR).call(
        lambda channel: nodes_pb2_grpc.NodeServiceStub(channel).GetNode, request
    )
    if options.notes.json:
        print(json.dumps(as_dict(found)))
        return
    render.write(_summary(found))
    for title, table, empty in _sections(found):
        render.heading(title)
        if table.rows:
            render.write(table)
        else:
            print(empty)


def _summary(found: nodes_pb2.GetNodeResponse) -> render.Table:
    node = found.node
    lines = (
        ("Status", status_name(node.status) or ""),
        ("Step", node.step),
        ("Issue", " ".join(filter(None, (node.issue, node.issue_title)))),
        ("Reason", node.reason),
        ("Advice", node.advice),
        ("UUID", node.uuid),
        ("Node", node.id),
        ("Machine", " ".join(filter(None, (node.vendor, node.product_name)))),
        ("Serial", node.serial),
        ("BIOS", found.bios_version),
        ("Memory", render.memory(found.memory_bytes)),
        ("Flavor", node.flavor),
        ("Zone", node.zone),
        ("Place", place(node.rack, node.unit)),
        ("BMC", node.bmc_address),
        ("Own address", node.address),
        ("First seen", render.local_time(node.first_seen, TIME)),
        ("Last seen", render.local_time(node.last_seen, TIME)),
    )
    shown_if_set = {"Step", "Issue", "Reason", "Advice"}
    return render.Table((), [line for line in lines if line[1] or line[0] not in shown_if_set])


def _sections(found: nodes_pb2.GetNodeResponse) -> list[tuple[str, render.Table, str]]:
    """Title, table, and what to say where there is nothing."""
    sections = [("Findings", _findings(found), "")] if found.findings else []
    sections += [
        ("Processors", _processors(found), "None known: the machine has not registered yet."),
        ("Memory", _memory(found), "None known: the machine has not registered yet."),
        ("Disks", _disks(found), "None found; look into `lsblk` on the machine."),
        ("Interfaces", _interfaces(found), "None known: the machine has not registered yet."),
    ]
    if found.warnings:
        warnings = render.Table((), [(warning,) for warning in found.warnings])
        sections.append(("Warnings", warnings, ""))
    sections.append(("Events, newest first", _events(found), "Nothing has happened yet."))
    return sections


def _findings(found: nodes_pb2.GetNodeResponse) -> render.Table:
    return render.Table(
        ("SEVERITY", "CODE", "WHERE", "WHAT", "WHAT TO DO"),
        [
            (
                severity_name(item.severity),
                item.code,
                item.subject,
                item.message or item.title,
                item.advice,
            )
            for item in found.findings
        ],
        whole=(0, 1),
    )


def _processors(found: nodes_pb2.GetNodeResponse) -> render.Table:
    return render.Table(
        ("SOCKET", "MODEL", "CORES", "THREADS"),
        [
            (item.socket, item.model, _number(item.cores), _number(item.threads))
            for item in found.processors
        ],
    )


def _memory(found: nodes_pb2.GetNodeResponse) -> render.Table:
    return render.Table(
        ("SLOT", "SIZE", "TYPE", "MT/S", "MANUFACTURER", "PART", "SERIAL"),
        [
            (
                item.slot,
                render.memory(item.size_bytes),
                item.type,
                _number(item.speed_mts),
                item.manufacturer,
                item.part_number,
                item.serial,
            )
            for item in found.memory_modules
        ],
    )


def _disks(found: nodes_pb2.GetNodeResponse) -> render.Table:
    return render.Table(
        ("DISK", "SIZE", "KIND", "TRANSPORT", "MODEL", "SERIAL"),
        [
            (
                item.name,
                render.disk(item.size_bytes),
                "spinning" if item.rotational else "solid state",
                item.transport,
                item.model,
                item.serial,
            )
            for item in found.disks
        ],
    )


def _interfaces(found: nodes_pb2.GetNodeResponse) -> render.Table:
    return render.Table(
        ("INTERFACE", "MAC", "STATE", "DRIVER", "FIRMWARE", "BUS"),
        [
            (item.name, item.mac, item.state, item.driver, item.firmware, item.bus)
            for item in found.interfaces
        ],
    )


def _events(found: nodes_pb2.GetNodeResponse) -> render.Table:
    return render.Table(
        ("TIME", "WHO", "WHAT", "STEP", "MESSAGE"),
        [
            (
                render.local_time(event.at),
                event.actor,
                what_happened(event),
                event.step,
                " ".join(filter(None, (event.issue, event.message))),
            )
            for event in found.events
        ],
    )


def what_happened(event: nodes_pb2.NodeEvent) -> str:
    """The new status where it changed, else the kind of the event."""
    after = status_name(event.to_status)
    if not after:
        return event.kind
    before = status_name(event.from_status)
    return f"{before} -> {after}" if before else after


def _number(value: int) -> str:
    return str(value) if value else ""
