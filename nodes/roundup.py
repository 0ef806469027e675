"""What came of a batch of machines in a span of time, in a fixed number of queries."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from bearman.lib.errors import Invalid
from bearman.lib.issues import expected, issue_or_none
from bearman.lib.natural import natural_key
from nodes.expected.entry import place_words
from nodes.models import BootRequest, EventKind, ExpectedMachine, Node, NodeEvent
from nodes.selectors import nodes_with_names
from nodes.states import NodeStatus

USUAL_HOURS = 12
LONGEST = timedelta(days=31)
MAX_STOPS = 2000  # machines on the list to walk along

_OPEN = (NodeStatus.REGISTER_FAILED, NodeStatus.QUARANTINED, NodeStatus.REGISTERING)
_GONE = (NodeStatus.MAINTENANCE, NodeStatus.RETIRED)


@dataclass(frozen=True, slots=True)
class Span:
    """The time that is summed up."""

    since: datetime
    until: datetime

    def __post_init__(self) -> None:
        """Raise Invalid for a span that cannot be."""
        if self.since >= self.until:
            raise Invalid("The span must end after it begins.")
        if self.until - self.since > LONGEST:
            raise Invalid(f"A span has at most {LONGEST.days} days.")


@dataclass(frozen=True, slots=True)
class Reason:
    """What some machines failed of."""

    issue: str
    title: str
    advice: str
    count: int


@dataclass(frozen=True, slots=True)
class Stop:
    """A machine to look at; without a node, one that has not shown up."""

    rack: str
    unit: int | None
    machine: str
    serial: str
    issue: str
    reason: str
    advice: str
    node: Node | None = None
    zone: str = ""
    expected_id: int | None = None

    @property
    def place(self) -> str:
        """Return rack and unit as people say them."""
        return place_words(self.rack, self.unit)

    @property
    def title(self) -> str:
        """Return the title of what failed."""
        entry = issue_or_none(self.issue)
        return entry.title if entry else ""


@dataclass(slots=True)
class RoundUp:
    """What came of it."""

    span: Span
    registered: int = 0
    failed: int = 0
    quarantined: int = 0
    registering: int = 0
    taken_out: int = 0  # in maintenance or retired by now
    missing: int = 0
    failed_before: int = 0  # failed before the span, and still so
    nameless: int = 0  # failed before they could say who they are
    reasons: list[Reason] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)
    more: int = 0  # stops over MAX_STOPS

    @property
    def is_empty(self) -> bool:
        """Return whether there is nothing at all to tell."""
        counts = (self.registered, self.failed, self.quarantined, self.registering)
        return not any((*counts, self.missing, self.taken_out, self.nameless))


def span_of(
    *, hours: int = 0, since: datetime | None = None, until: datetime | None = None
) -> Span:
    """Return the span of the last `hours`, or from `since`; to `until` or now. Raises Invalid."""
    end = until or timezone.now()
    if since is not None:
        return Span(since, end)
    if not 0 <= hours <= LONGEST.days * 24:
        raise Invalid(f"A span has 1 to {LONGEST.days * 24} hours.")
    return Span(end - timedelta(hours=hours or USUAL_HOURS), end)


def round_up(span: Span) -> RoundUp:
    """Sum up what became of the machines that registered, failed or were expected in a span.

    Machines count as what they are now: one that failed and came good since has registered.
    """
    found = RoundUp(span)
    nodes = list(_touched(span))
    counts = Counter(node.status for node in nodes)
    found.registered = counts[NodeStatus.READY] + counts[NodeStatus.IN_USE]
    found.failed = counts[NodeStatus.REGISTER_FAILED]
    found.quarantined = counts[NodeStatus.QUARANTINED]
    found.registering = counts[NodeStatus.REGISTERING]
    found.taken_out = sum(counts[status] for status in _GONE)
    missing = _missing(span)
    found.missing = len(missing)
    failed = Node.objects.filter(status=NodeStatus.REGISTER_FAILED).count()
    found.failed_before = max(0, failed - found.failed)
    found.nameless = _nameless(span)
    stops = [_stop(node) for node in nodes if node.status in _OPEN]
    stops += [_missing_stop(row) for row in missing]
    stops = _in_order(stops)
    found.stops, found.more = stops[:MAX_STOPS], max(0, len(stops) - MAX_STOPS)
    found.reasons = list(_reasons(stops))
    return found


def _touched(span: Span) -> QuerySet[Node]:
    """Return the nodes that began, ended or failed a registration in the span."""
    moved = NodeEvent.objects.filter(
        Q(to_status__in=_OPEN) | Q(to_status=NodeStatus.READY, from_status=NodeStatus.REGISTERING),
        kind=EventKind.STATUS,
        at__gte=span.since,
        at__lt=span.until,
    )
    seen = Q(status=NodeStatus.QUARANTINED, last_seen__gte=span.since, last_seen__lt=span.until)
    touched = Q(pk__in=moved.order_by().values("node")) | seen
    secrets = ("bmc__password", "bmc__pending_password")
    return nodes_with_names().filter(touched).defer(*secrets, "searched").order_by("pk")


def _missing(span: Span) -> list[ExpectedMachine]:
    """Return the machines that were due by the end of the span and have never registered.

    One in quarantine has not, but it is there, and people find it on the list as such.
    """
    due = Q(due=None) | Q(due__lte=timezone.localdate(span.until))
    quarantined = Node.objects.filter(status=NodeStatus.QUARANTINED).exclude(serial="")
    there = {serial.upper() for serial in quarantined.order_by().values_list("serial", flat=True)}
    rows = ExpectedMachine.objects.filter(due, node=None).select_related("zone")
    return [row for row in rows if row.serial.upper() not in there]


def _nameless(span: Span) -> int:
    rows = BootRequest.objects.filter(asked_at__gte=span.since, asked_at__lt=span.until, node=None)
    return rows.exclude(message="").values("uuid").distinct().count()


def _stop(node: Node) -> Stop:
    entry = issue_or_none(node.issue)
    registering = node.status == NodeStatus.REGISTERING
    words = f"Still at step {node.step}." if registering and not node.reason else node.reason
    step = node.step if node.step and not registering else ""
    return Stop(
        rack=node.rack,
        unit=node.unit,
        machine=f"{node.vendor} {node.product_name}".strip() or "machine",
        serial=node.serial,
        issue=node.issue,
        reason=": ".join(filter(None, (step, words))),
        advice=node.advice or (entry.advice if entry else ""),
        node=node,
        zone=node.zone.name if node.zone else "",
    )


def _missing_stop(row: ExpectedMachine) -> Stop:
    late = f"It was due on {row.due.isoformat()}, and" if row.due else "It"
    return Stop(
        rack=row.rack,
        unit=row.unit,
        machine=" ".join(filter(None, (row.vendor, row.model))) or "machine",
        serial=row.serial,
        issue=expected.NOT_ARRIVED.code,
        reason=f"{late} has never registered.",
        advice=expected.NOT_ARRIVED.advice,
        zone=row.zone.name if row.zone else "",
        expected_id=row.pk,
    )


def _in_order(stops: list[Stop]) -> list[Stop]:
    """Return stops as a person walks: rack by rack, unit by unit; those without a place last.

    One without a zone gets that of its rack. Zone by zone only where racks of two zones have one
    name: else the name says where to go.
    """
    zones: dict[str, set[str]] = {}
    for stop in stops:
        zones.setdefault(stop.rack, set()).update({stop.zone} - {""})
    repeated = any(len(names) > 1 for rack, names in zones.items() if rack)
    known = [replace(stop, zone=stop.zone or _only(stop.rack, zones)) for stop in stops]
    return sorted(
        known,
        key=lambda stop: (
            not stop.rack,
            stop.zone if repeated else "",
            natural_key(stop.rack),
            stop.unit or 0,
            natural_key(stop.serial),
        ),
    )


def _only(rack: str, zones: Mapping[str, set[str]]) -> str:
    names = zones[rack]
    return min(names) if rack and len(names) == 1 else ""


def _reasons(stops: list[Stop]) -> Iterator[Reason]:
    """Yield what machines failed of, the most frequent first."""
    counts = Counter(stop.issue for stop in stops if _is_failure(stop))
    for code, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        entry = issue_or_none(code)
        if entry is None:
            yield Reason(code, "A failure without an entry in the catalogue", "", count)
        else:
            yield Reason(code, entry.title, entry.advice, count)


def _is_failure(stop: Stop) -> bool:
    return stop.node is None or stop.node.status != NodeStatus.REGISTERING
