"""Reads on expected machines, for pages: each in a fixed number of queries."""

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.utils import timezone

from nodes.models import ExpectedImport, ExpectedMachine, Finding, FindingSource, Node
from nodes.states import NodeStatus

LATEST = 10  # imports that the page of imports names


class Arrived(StrEnum):
    """What has become of an expected machine."""

    MISSING = "missing"
    LATE = "late"
    ARRIVED = "arrived"
    UNLIKE = "unlike"
    ALL = "all"


WORDS: dict[Arrived, tuple[str, str]] = {
    Arrived.MISSING: ("Not seen yet", "Has never registered."),
    Arrived.LATE: ("Late", "Was due before today, and has never registered."),
    Arrived.ARRIVED: ("Arrived", "Has registered."),
    Arrived.UNLIKE: ("Not as expected", "Has registered, and is not as the list says."),
    Arrived.ALL: ("All", "The whole list."),
}


@dataclass(frozen=True, slots=True)
class Chip:
    """How many expected machines are so, for the strip over the list."""

    state: Arrived
    count: int

    @property
    def label(self) -> str:
        """Return its name."""
        return WORDS[self.state][0]

    @property
    def meaning(self) -> str:
        """Return what it means."""
        return WORDS[self.state][1]


def condition(state: Arrived) -> Q:
    """Return what narrows expected machines to those."""
    if state is Arrived.MISSING:
        return Q(node=None)
    if state is Arrived.LATE:
        return Q(node=None, due__lt=timezone.localdate())
    if state is Arrived.ARRIVED:
        return Q(node__isnull=False)
    if state is Arrived.UNLIKE:
        return Q(Exists(_findings().filter(node=OuterRef("node"))))
    return Q()


def _findings() -> QuerySet[Finding]:
    return Finding.objects.filter(source=FindingSource.EXPECTED)


def chips() -> list[Chip]:
    """Return how many there are of each kind."""
    wanted = {
        state.value: Count("pk", filter=condition(state)) for state in Arrived if condition(state)
    }
    counts = ExpectedMachine.objects.order_by().aggregate(all=Count("pk"), **wanted)
    return [Chip(state, counts[state.value]) for state in Arrived]


def listed_expected() -> QuerySet[ExpectedMachine]:
    """Return all expected machines with what a row of the list shows.

    `quarantined` of a row is the number of a node in quarantine that has its serial, if there is.
    """
    found = Prefetch("node__findings", _findings().order_by("id"), to_attr="unlike")
    rows = ExpectedMachine.objects.select_related("zone", "flavor", "node")
    waiting = Node.objects.filter(
        status=NodeStatus.QUARANTINED, serial__iexact=OuterRef("serial")
    ).order_by("pk")
    listed = rows.annotate(quarantined=Subquery(waiting.values("pk")[:1]))
    return listed.defer("node__searched").prefetch_related(found)


def unlike_of(row: ExpectedMachine) -> list[Finding]:
    """Return what is not as the list says of a row that `listed_expected` gave."""
    return list(getattr(row.node, "unlike", []))


def latest_imports() -> list[ExpectedImport]:
    """Return the files that were imported last, without their content."""
    rows = ExpectedImport.objects.exclude(taken_at=None).defer("data")
    return list(rows.order_by("-taken_at")[:LATEST])
