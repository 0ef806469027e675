"""Which nodes are behind their firmware baselines: reads for pages and lists."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from django.db import connection
from django.db.models.functions import Greatest

from nodes.firmware import (
    Component,
    DiskFacts,
    NicFacts,
    Rule,
    Standing,
    components_of,
)
from nodes.models import FirmwareBaseline, FirmwareUpdate, Node
from nodes.states import NodeStatus

MOST_BUILDS = 5000  # different combinations of versions that one look takes; the commonest first
MOST_NODES = 100  # that are named of each build
MOST_UPDATES = 50  # that are shown of a baseline

# Machines of one build (vendor, product and all versions) stand alike to every baseline, and a site
# of thousands of machines has tens of builds: so the database groups, and versions are compared
# once for each.
_BUILDS = """
WITH nodes AS (
    SELECT id, vendor, product_name, bios_version, bios_date, bmc_version,
        (SELECT array_agg(DISTINCT ARRAY[driver, firmware]) FROM nodes_networkinterface
         WHERE node_id = n.id) AS nics,
        (SELECT array_agg(DISTINCT ARRAY[model, revision]) FROM nodes_disk
         WHERE node_id = n.id) AS disks
    FROM nodes_node AS n WHERE status <> ALL(%(without)s)
)
SELECT vendor, product_name, bios_version, bios_date, bmc_version, nics, disks, count(*),
    (array_agg(id ORDER BY id))[1:%(most)s]
FROM nodes GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 8 DESC LIMIT %(builds)s
"""
_WITHOUT = [NodeStatus.RETIRED.value, NodeStatus.QUARANTINED.value]


@dataclass(frozen=True, slots=True)
class Build:
    """Machines that are alike: what they are, how many, and the first of them."""

    vendor: str
    product: str
    components: Sequence[Component]
    count: int
    node_ids: Sequence[int]


@dataclass(slots=True)
class Count:
    """How many nodes are where a baseline wants them; the ids of the first of each."""

    good: int = 0
    behind: int = 0
    newer: int = 0
    unknown: int = 0
    behind_ids: dict[int, str] = field(default_factory=dict)
    unknown_ids: dict[int, str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Return how many nodes it is for."""
        return self.good + self.behind + self.newer + self.unknown

    @property
    def words(self) -> str:
        """Return the count in words."""
        if not self.total:
            return "for no node"
        parts = [f"{self.behind} of {self.total} behind", f"{self.good} up to date"]
        if self.newer:
            parts.append(f"{self.newer} newer")
        if self.unknown:
            parts.append(f"{self.unknown} unknown")
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Named:
    """A node that is behind or unknown, and the versions that it has."""

    node: Node
    versions: str


def builds_now() -> list[Build]:
    """Return the builds of all nodes but retired and quarantined ones, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(_BUILDS, {"without": _WITHOUT, "most": MOST_NODES, "builds": MOST_BUILDS})
        return [_build(_Row(*row)) for row in cursor.fetchall()]


class _Row(NamedTuple):
    vendor: str
    product: str
    bios: str
    released: date | None
    bmc: str
    nics: list[list[str]] | None
    disks: list[list[str]] | None
    machines: int
    node_ids: list[int]


def _build(row: _Row) -> Build:
    components = components_of(
        bios_version=row.bios,
        bios_date=row.released,
        bmc_version=row.bmc,
        nics=[NicFacts(str(n), pair[0], pair[1], "") for n, pair in enumerate(row.nics or ())],
        disks=[DiskFacts(str(n), pair[0], pair[1]) for n, pair in enumerate(row.disks or ())],
    )
    return Build(row.vendor, row.product, components, row.machines, row.node_ids)


def counted(rule: Rule, builds: Iterable[Build]) -> Count:
    """Return how the builds stand to a rule; a node is as its worst component."""
    count = Count()
    for build in builds:
        if not rule.fits(build.vendor, build.product):
            continue
        texts = [rule.text(c.version, c.released) for c in build.components if rule.picks(c)]
        standings = {rule.standing(text) for text in texts}
        versions = ", ".join(sorted({text or "none" for text in texts}))
        if Standing.BEHIND in standings:
            count.behind += build.count
            count.behind_ids.update(dict.fromkeys(build.node_ids, versions))
        elif standings & {Standing.UNREADABLE, Standing.UNORDERED}:
            count.unknown += build.count
            count.unknown_ids.update(dict.fromkeys(build.node_ids, versions))
        elif Standing.NEWER in standings:
            count.newer += build.count
        elif standings:
            count.good += build.count
    return count


def baselines_counted() -> list[tuple[FirmwareBaseline, Count]]:
    """Return all baselines in their order, each with its count."""
    rows, builds = list(FirmwareBaseline.objects.select_related("canary")), builds_now()
    return [(row, counted(row.rule, builds)) for row in rows]


def named(ids: dict[int, str]) -> list[Named]:
    """Return the first of these nodes, by rack and unit."""
    rows = Node.objects.filter(pk__in=list(ids)[:MOST_NODES]).defer("searched")
    return [Named(node, ids[node.pk]) for node in rows.order_by("rack", "unit", "pk")]


def components_known(node: Node) -> Iterator[Component]:
    """Yield the components of one node as they were known last, with their names."""
    nics = node.interfaces.values_list("name", "driver", "firmware", "bus")
    disks = node.disks.values_list("name", "model", "revision")
    yield from components_of(
        bios_version=node.bios_version,
        bios_date=node.bios_date,
        bmc_version=node.bmc_version,
        nics=[NicFacts(*row) for row in nics],
        disks=[DiskFacts(*row) for row in disks],
    )


def updates_latest(baseline: FirmwareBaseline) -> list[FirmwareUpdate]:
    """Return the latest updates of a baseline, with their nodes."""
    rows = baseline.updates.select_related("node").defer("log_tail", "node__searched")
    return list(
        rows.order_by(Greatest("planned_at", "started_at", "ended_at").desc())[:MOST_UPDATES]
    )
