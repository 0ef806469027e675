"""A machine's cables are compared with its wiring plan."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from bearman.lib.errors import Conflict, Invalid, TooLarge
from bearman.lib.issues import Found, Issue
from bearman.lib.issues import wiring as issues
from nodes.inventory import INTERFACE_NAME
from nodes.models import EventKind, FindingSource, LinkState, Node, NodeEvent
from nodes.models.wiring import NAME
from nodes.services.boot import BootCaller, boot_checked
from nodes.services.findings import findings_replace, in_words, stopping, worst_first
from nodes.services.reports import report_count
from nodes.services.status import NODE, deadline_for, event_add, node_move
from nodes.states import NodeStatus
from nodes.wiring.compare import compare
from nodes.wiring.names import port_number, short_switch
from nodes.wiring.plan import Wanted
from nodes.wiring.readings import RawWiring, Readings, readings_of
from nodes.wiring_plans import Plan, cables_of, peers_of, place_of, plans_all, unplaced, wanted_of

STEP = "wiring"
MAX_LINKS = 512  # as many as `parse_ip_link` takes interfaces
NO_PLAN = "No wiring plan is for this machine; its cables were noted, not compared."

# What may read otherwise once it is known who sits in the ports of this machine.
_ABOUT_OTHERS = frozenset(
    issue.code
    for issue in (
        issues.WRONG_SWITCH,
        issues.WRONG_PORT,
        issues.ONE_SWITCH,
        issues.NO_CABLE,
    )
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the registration goes on; `found` has the worst first, `issue` is what ended it."""

    passed: bool
    status: NodeStatus
    found: Sequence[Found] = ()
    reason: str = ""
    advice: str = ""
    issue: Issue | None = None


def wiring_check(*, caller: BootCaller, raw: RawWiring) -> Verdict:
    """Compare a machine's cables with its plan, and keep what was seen and found.

    Where a finding is as bad as the flavor says, the node is REGISTER_FAILED; one that had failed
    is REGISTERING again before that. Raises Invalid, TooLarge over BEARMAN_INVENTORY_MAX_BYTES, or
    Conflict for a machine that has not registered or is in a status that does not register, or
    PoolExhausted after too many calls in one boot.
    """
    _require_usable(raw)
    node = _node_of(caller)
    report_count(caller)
    readings = readings_of(raw)
    plans = plans_all()
    place = place_of(node)
    wanted = unplaced(place, wanted_of(place, plans, cables_of([place])))
    found = worst_first(_compared(node, plans, readings, wanted))
    ended_by = stopping(node=node, found=found)
    with transaction.atomic():
        row = _locked(node.pk)
        known = _is_told(row, ended_by)
        if not known:
            _begin(row)
        links_replace(node_id=node.pk, readings=readings, wanted=wanted, found=found)
        findings_replace(node_id=node.pk, source=FindingSource.WIRING, found=found)
        boot_checked(caller=caller, what="wiring")
        if ended_by:
            return _ended(node, found, ended_by, known=known)
        _tell(node, wanted, found)
    return Verdict(True, NodeStatus.REGISTERING, found)


def _require_usable(raw: RawWiring) -> None:
    size, limit = raw.size(), settings.INVENTORY_MAX_BYTES
    if size > limit:
        raise TooLarge(
            f"What the machine says of its cables has {size} bytes; at most {limit} are taken.",
            advice="Raise BEARMAN_INVENTORY_MAX_BYTES if the machine really has that many.",
        )
    names = [link.interface for link in raw.links]
    if len(names) > MAX_LINKS:
        raise Invalid(f"There are {len(names)} interfaces; at most {MAX_LINKS} are taken.")
    for name in names:
        if not INTERFACE_NAME.fullmatch(name):
            raise Invalid(f"{name[:64]!r} is not the name of an interface.")
    if len(set(names)) < len(names):
        raise Invalid("An interface is named twice.")


def _node_of(caller: BootCaller) -> Node:
    rows = Node.objects.select_related("flavor").defer("searched")
    node = rows.filter(pk=caller.node_id or 0).first()
    if node is None:
        raise Conflict("This machine has not registered.", advice="Call Register first.")
    if node.status not in (NodeStatus.REGISTERING, NodeStatus.REGISTER_FAILED):
        raise Conflict(
            f"Node {node.pk} is {node.status}: its cables are looked at while it registers.",
            advice="Boot it to register again, or take it out of that status in the Admin first.",
        )
    return node


def _compared(node: Node, plans: Sequence[Plan], readings: Readings, wanted: Wanted) -> list[Found]:
    """Compare; where it matters who sits in this machine's ports, look that up and do so again."""
    found = compare(readings, wanted)
    if not any(each.issue.code in _ABOUT_OTHERS for each in found):
        return found
    neighbours = (
        readings.interfaces[name].neighbour(end)
        for name, end in wanted.ends.items()
        if name in readings.interfaces
    )
    seen = [neighbour for neighbour in neighbours if neighbour]
    return compare(readings, wanted, peers_of(node, plans, wanted, seen))


def _locked(node_id: int) -> Node:
    """Return the node's row as it stays until the transaction ends."""
    columns = ("status", "step", "issue", "reason")
    return Node.objects.select_for_update(no_key=True).only(*columns).get(pk=node_id)


def _is_told(row: Node, ended_by: Sequence[Found]) -> bool:
    """Say whether it has failed for this very reason already."""
    if not ended_by:
        return False
    ending = (NodeStatus.REGISTER_FAILED, STEP, ended_by[0].issue.code, in_words(ended_by))
    return (row.status, row.step, row.issue, row.reason) == ending


def _begin(row: Node) -> None:
    """Have the node in REGISTERING; an operator may have been faster."""
    if row.status != NodeStatus.REGISTERING:
        node_move(
            node_id=row.pk,
            to=NodeStatus.REGISTERING,
            only_from=NodeStatus.REGISTER_FAILED,
            actor=NODE,
            step=STEP,
        )
    Node.objects.filter(pk=row.pk).update(
        step=STEP, last_seen=timezone.now(), deadline=deadline_for(NodeStatus.REGISTERING)
    )


def _ended(
    node: Node, found: Sequence[Found], ended_by: Sequence[Found], *, known: bool
) -> Verdict:
    """End the registration, unless the same call has done so before."""
    worst, reason = ended_by[0], in_words(ended_by)
    if not known:
        node_move(
            node_id=node.pk,
            to=NodeStatus.REGISTER_FAILED,
            only_from=NodeStatus.REGISTERING,
            step=STEP,
            reason=reason,
            advice=worst.what_to_do,
            issue=worst.issue,
        )
    failed = NodeStatus.REGISTER_FAILED
    return Verdict(False, failed, found, reason, worst.what_to_do, worst.issue)


def _tell(node: Node, wanted: Wanted, found: Sequence[Found]) -> None:
    """Put on the time line how it went; that there is no plan only once."""
    if found:
        event_add(
            node_id=node.pk,
            kind=EventKind.WARNING,
            step=STEP,
            message=in_words(found),
            issue=found[0].issue,
        )
    elif wanted.asks:
        event_add(
            node_id=node.pk,
            kind=EventKind.PROGRESS,
            step=STEP,
            message="Its cables are as planned.",
        )
    elif not NodeEvent.objects.filter(node_id=node.pk, step=STEP, message=NO_PLAN).exists():
        event_add(node_id=node.pk, kind=EventKind.PROGRESS, step=STEP, message=NO_PLAN)


def links_replace(
    *, node_id: int, readings: Readings, wanted: Wanted, found: Sequence[Found]
) -> None:
    """Replace what was seen of a node's links, each with what was wanted and its worst finding."""
    blamed: dict[str, str] = {}
    for each in found:
        for name in each.subject.split(", "):
            blamed.setdefault(name, each.issue.code)
    names = dict.fromkeys(
        (*wanted.ends, *(one.name for one in readings.interfaces.values() if one.counts))
    )
    rows = [_link_row(node_id, name, readings, wanted, blamed.get(name, "")) for name in names]
    LinkState.objects.filter(node_id=node_id).delete()
    LinkState.objects.bulk_create(rows)


def _link_row(node_id: int, name: str, readings: Readings, wanted: Wanted, issue: str) -> LinkState:
    reading, end = readings.interfaces.get(name), wanted.ends.get(name)
    row = LinkState(node_id=node_id, interface=name, issue=issue)
    if end:
        row.wanted_switch, row.wanted_port = end.switch, end.port
    if reading:
        row.carrier, row.speed_mbps = reading.carrier, reading.link.speed_mbps
        row.module = str(reading.module)[:100]
        row.tx_dbm, row.rx_dbm = reading.module.tx_dbm, reading.module.rx_dbm
        neighbour = reading.neighbour(end)
        if neighbour:
            row.switch, row.port = neighbour.switch, neighbour.port
            row.vlan, row.mtu = neighbour.vlan, neighbour.mtu
            row.switch_short = short_switch(neighbour.switch)[:NAME]  # folded it may be longer
            row.port_number = port_number(neighbour.port)
    return row
