"""Reads that only pages for people need: each of them in a fixed number of queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone

from baremetal.models import Baremetal, BaremetalEvent, EventKind
from baremetal.phases import Phase, phases_of
from baremetal.selectors import live, with_names
from baremetal.states import NOT_AT_REST, BaremetalState
from ipman.models import Pool, Purpose
from nodes.models import Node
from profiles.models import Profile

TIME_LINE = 100  # events on a deployment's page; the rest is a click away
MOVES = 500  # events from which the durations are counted
HISTORY = 10  # earlier deployments on a node's page


@dataclass(frozen=True, slots=True)
class Took:
    """A phase, how many seconds it took, and its share of the longest one in percent."""

    phase: Phase
    seconds: float
    percent: int


@dataclass(frozen=True, slots=True)
class Details:
    """What a deployment's page shows besides the row itself; the newest event first."""

    events: list[BaremetalEvent]
    has_more_events: bool
    phases: list[Took]

    @property
    def seconds(self) -> float:
        """Return how long all phases took together."""
        return sum(took.seconds for took in self.phases)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows each state has, history aside, and how many of them all are late."""

    states: dict[BaremetalState, int]
    late: int


def late(now: datetime) -> Q:
    """Return the condition of what is late: past its deadline, or silent after a restart."""
    silent_since = now - _silence()
    return Q(state__in=[s.value for s in NOT_AT_REST], deadline__lt=now) | Q(
        state=BaremetalState.INSTALLED, up_at=None, told_at__lt=silent_since
    )


def is_late(row: Baremetal) -> bool:
    """Say of one row what `late` says."""
    now = timezone.now()
    if row.state in NOT_AT_REST:
        return row.deadline is not None and row.deadline < now
    told = row.told_at
    silent = row.up_at is None and told is not None and told < now - _silence()
    return row.state == BaremetalState.INSTALLED and silent


def state_counts() -> Counts:
    """Return how many rows each state has; history, which only grows, is not counted."""
    rows = Baremetal.objects.exclude(state=BaremetalState.RELEASED).order_by()
    is_late = Count("pk", filter=late(timezone.now()))
    totals = rows.values_list("state").annotate(total=Count("pk"), late_ones=is_late)
    found = {state: (count, late_count) for state, count, late_count in totals}
    shown = [state for state in BaremetalState if state != BaremetalState.RELEASED]
    return Counts(
        {state: found.get(state, (0, 0))[0] for state in shown},
        sum(late_count for _, late_count in found.values()),
    )


def issue_counts() -> dict[str, int]:
    """Return how many deployments have each code of the issue catalogue now."""
    rows = Baremetal.objects.exclude(state=BaremetalState.RELEASED).exclude(issue="").order_by()
    return dict(rows.values_list("issue").annotate(Count("pk")))


def needing_attention(limit: int) -> list[Baremetal]:
    """Return what failed or is late, the latest first."""
    wanted = late(timezone.now()) | Q(state=BaremetalState.UNRECOVERABLE_ERROR)
    return list(live().filter(wanted).order_by("-state_since")[:limit])


def with_everything(key: str) -> Baremetal | None:
    """Return one row with what its page shows; None for none of that number."""
    if not (key.isascii() and key.isdigit() and len(key) < 19):
        return None
    rows = Baremetal.objects.select_related("node__zone", "profile").defer("spec", "node__searched")
    return rows.filter(pk=int(key)).first()


def deployment_details(row: Baremetal) -> Details:
    """Return a deployment's latest events, and how long each step since its start took."""
    events = BaremetalEvent.objects.filter(baremetal=row)
    latest = list(events.order_by("-pk")[: TIME_LINE + 1])
    began = events.filter(to_state=BaremetalState.DEPLOY_START).aggregate(pk=Max("pk"))["pk"]
    kinds = (EventKind.STATE, EventKind.STEP, EventKind.WARNING)
    moves = events.filter(pk__gte=began or 0, kind__in=kinds).defer("log_tail")
    return Details(
        events=latest[:TIME_LINE],
        has_more_events=len(latest) > TIME_LINE,
        phases=_taken(phases_of(moves.order_by("pk")[:MOVES])),
    )


def of_node(node: Node) -> tuple[Baremetal | None, list[Baremetal]]:
    """Return what is on a node now, and what was on it before, the newest first."""
    rows = list(with_names().filter(node=node).order_by("-pk")[: HISTORY + 1])
    now = next((row for row in rows if row.state != BaremetalState.RELEASED), None)
    return now, [row for row in rows if row is not now][:HISTORY]


def live_by_node(node_ids: Iterable[int]) -> dict[int, Baremetal]:
    """Return what is on each of some nodes."""
    return {row.node_id: row for row in live().filter(node__in=list(node_ids))}


def deployable(node_ids: Sequence[int]) -> list[Node]:
    """Return nodes with what a deployment looks at, in the order in which they were asked for."""
    rows = Node.objects.filter(pk__in=node_ids).select_related(
        "flavor__default_profile__held_image", "zone", "bmc"
    )
    found = {node.pk: node for node in rows.defer("searched", "bmc__pending_password")}
    return [found[key] for key in dict.fromkeys(node_ids) if key in found]


def service_pools() -> dict[str, list[Pool]] | None:
    """Return the pools of service addresses by zone; None where another IPman keeps them."""
    if settings.IPMAN_TARGET:
        return None
    found: dict[str, list[Pool]] = {}
    for pool in Pool.objects.filter(purpose=Purpose.SERVICE).order_by("name"):
        found.setdefault(pool.zone, []).append(pool)
    return found


def profiles_by_name() -> QuerySet[Profile]:
    """Return all profiles, for a choice."""
    return Profile.objects.select_related("held_image").order_by("name")


def _silence() -> timedelta:
    return timedelta(seconds=settings.STAGE_TWO_SECONDS + settings.CONFIGURE_SECONDS)


def _taken(phases: list[Phase]) -> list[Took]:
    now = timezone.now()
    longest = max((phase.seconds(now) for phase in phases), default=0.0) or 1.0
    return [
        Took(phase, phase.seconds(now), max(1, round(100 * phase.seconds(now) / longest)))
        for phase in phases
    ]
