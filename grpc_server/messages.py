"""Nodes as protobuf messages."""

from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp

from bearman.lib.issues import Found, Severity, issue_or_none
from nodes.models import Disk, Finding, MemoryModule, NetworkInterface, Node, NodeEvent, Processor
from nodes.services.inventory import RawOutputs
from nodes.states import NodeStatus
from protos.bearman.v1 import issues_pb2 as issues
from protos.bearman.v1 import nodes_pb2 as pb

_STATUS = {status: pb.NodeStatus.Value(f"NODE_STATUS_{status.name}") for status in NodeStatus}
_BACK = {int(number): status for status, number in _STATUS.items()}


def status_out(status: str) -> pb.NodeStatus.ValueType:
    """Return the number of a status; 0 for an empty one."""
    return _STATUS[NodeStatus(status)] if status else pb.NODE_STATUS_UNSPECIFIED


def status_in(number: int) -> NodeStatus | None:
    """Return the status behind a number; None for one that is unknown."""
    return _BACK.get(number)


def summary(node: Node) -> pb.NodeSummary:
    """Return the row of a list. Takes flavor, zone and BMC as already fetched."""
    bmc = getattr(node, "bmc", None)
    return pb.NodeSummary(
        id=str(node.pk),
        uuid=str(node.uuid or ""),
        serial=node.serial,
        vendor=node.vendor,
        product_name=node.product_name,
        flavor=node.flavor.name if node.flavor else "",
        zone=node.zone.name if node.zone else "",
        bmc_address=(bmc.address or "") if bmc else "",
        status=status_out(node.status),
        step=node.step,
        reason=node.reason,
        advice=node.advice,
        address=node.address or "",
        first_seen=_time(node.first_seen),
        last_seen=_time(node.last_seen),
        issue=node.issue,
        issue_title=issue_title(node.issue),
        rack=node.rack,
        unit=node.unit or 0,
    )


def event(row: NodeEvent) -> pb.NodeEvent:
    """Return one entry of the time line."""
    return pb.NodeEvent(
        id=row.pk,
        at=_time(row.at),
        actor=row.actor,
        kind=row.kind,
        from_status=status_out(row.from_status),
        to_status=status_out(row.to_status),
        step=row.step,
        message=row.message,
        issue=row.issue,
    )


def finding(row: Finding) -> issues.Finding:
    """Return what a check found."""
    return issues.Finding(
        code=row.issue,
        title=issue_title(row.issue),
        severity=severity_out(Severity(row.severity)),
        subject=row.subject,
        message=row.message,
        advice=row.advice,
        source=row.source,
    )


def issue_title(code: str) -> str:
    """Return the title of an entry of the catalogue; empty for a code that it does not have."""
    entry = issue_or_none(code)
    return entry.title if entry else ""


def found_out(found: Found, source: str) -> issues.Finding:
    """Return what a check finds now; `source` names the check."""
    return issues.Finding(
        code=found.issue.code,
        title=found.issue.title,
        severity=severity_out(found.issue.severity),
        subject=found.subject,
        message=found.message,
        advice=found.what_to_do,
        source=source,
    )


def outputs(inventory: pb.Inventory) -> RawOutputs:
    """Return the outputs of a machine's programs."""
    return RawOutputs(
        dmidecode=inventory.dmidecode,
        lsblk=inventory.lsblk,
        ip_link=inventory.ip_link,
        ethtool={info.interface: info.output for info in inventory.ethtool},
    )


def severity_out(severity: Severity) -> issues.Severity.ValueType:
    """Return the number of a severity."""
    return issues.Severity.Value(f"SEVERITY_{severity.name}")


def interface(row: NetworkInterface) -> pb.NodeInterface:
    """Return one network interface."""
    return pb.NodeInterface(
        name=row.name,
        mac=row.mac,
        driver=row.driver,
        firmware=row.firmware,
        bus=row.bus,
        state=row.state,
    )


def disk(row: Disk) -> pb.NodeDisk:
    """Return one disk."""
    return pb.NodeDisk(
        name=row.name,
        model=row.model,
        serial=row.serial,
        size_bytes=row.size_bytes,
        rotational=row.rotational,
        transport=row.transport,
    )


def memory_module(row: MemoryModule) -> pb.NodeMemoryModule:
    """Return one memory module."""
    return pb.NodeMemoryModule(
        slot=row.slot,
        size_bytes=row.size_bytes or 0,
        type=row.type,
        speed_mts=row.speed_mts or 0,
        manufacturer=row.manufacturer,
        part_number=row.part_number,
        serial=row.serial,
    )


def processor(row: Processor) -> pb.NodeProcessor:
    """Return one processor."""
    return pb.NodeProcessor(
        socket=row.socket, model=row.model, cores=row.cores or 0, threads=row.threads or 0
    )


def _time(moment: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp
