"""Reads on machines."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Lower
from django.utils import timezone

from bearman.lib.addresses import address_or_none
from bearman.lib.errors import Conflict, Invalid, NotFound
from bearman.lib.issues import ORDER, Severity
from nodes.models import Bmc, Finding, Node, NodeEvent, PowerRequest, RawInventory
from nodes.power import UNDER_WAY, WORDS, PowerAction, PowerResult, Words
from nodes.states import NodeStatus
from nodes.uuids import canonical_uuid, swapped_uuid

_MAC = re.compile(r"([0-9a-f]{2}[:-]){5}[0-9a-f]{2}")
_STARTS_ADDRESS = re.compile(r"[0-9]+\.[0-9.]*|[0-9a-fA-F]*:[0-9a-fA-F:.]*")
MAX_QUERY = 200  # characters of a search

# Events are numbered before they are committed, so a number may appear after a higher one. Nobody
# holds a transaction open this long.
LATE_EVENTS = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class NodeFilter:
    """Which nodes to list; what is empty does not narrow."""

    statuses: Sequence[NodeStatus] = ()
    zone: str = ""
    flavor: str = ""
    rack: str = ""
    query: str = ""


@dataclass(frozen=True, slots=True)
class PowerBatch:
    """What was asked of some nodes' power at once; `rows` in the order they were named."""

    batch: UUID
    rows: list[PowerRequest]

    @property
    def action(self) -> PowerAction:
        """Return what was asked."""
        return PowerAction(self.rows[0].action)

    @property
    def words(self) -> Words:
        """Return how that is called."""
        return WORDS[self.action]

    @property
    def actor(self) -> str:
        """Return who asked."""
        return self.rows[0].actor

    @property
    def asked_at(self) -> datetime:
        """Return when."""
        return self.rows[0].asked_at

    @property
    def finished(self) -> bool:
        """Return whether none is waiting or running."""
        return all(row.result not in UNDER_WAY for row in self.rows)

    @property
    def done(self) -> int:
        """Return how many went well."""
        return sum(row.result == PowerResult.DONE for row in self.rows)

    @property
    def failed(self) -> int:
        """Return how many failed."""
        return sum(row.result == PowerResult.FAILED for row in self.rows)


def nodes_with_names() -> QuerySet[Node]:
    """Return all nodes with what a row of a list shows, in one query."""
    return Node.objects.select_related("flavor", "zone", "bmc").defer("searched")


def nodes_list(*, wanted: NodeFilter, before_id: int | None, limit: int) -> list[Node]:
    """Return up to `limit` nodes, newest first, that come after `before_id` in that order."""
    if "\0" in f"{wanted.zone}{wanted.flavor}{wanted.rack}":
        raise Invalid("The name of a zone, a flavor or a rack has no NUL.")
    rows = nodes_with_names()
    if wanted.statuses:
        rows = rows.filter(status__in=wanted.statuses)
    if wanted.zone:
        rows = rows.filter(zone__name=wanted.zone)
    if wanted.flavor:
        rows = rows.filter(flavor__name=wanted.flavor)
    if wanted.rack:
        rows = rows.filter(rack__iexact=wanted.rack)
    if wanted.query:
        rows = rows.filter(matching(wanted.query))
    if before_id is not None:
        rows = rows.filter(pk__lt=before_id)
    return list(rows.order_by("-pk")[:limit])


def nodes_quarantined(*, after_id: int, limit: int) -> list[Node]:
    """Return up to `limit` machines in quarantine, oldest first, that come after `after_id`."""
    rows = nodes_with_names().filter(status=NodeStatus.QUARANTINED, pk__gt=after_id)
    return list(rows.order_by("pk")[:limit])


def matching(query: str) -> Q:
    """Return the condition that UUID, serial, vendor, product, rack or BMC address have each word.

    Of a rack it must be the whole name.
    """
    if len(query) > MAX_QUERY:
        raise Invalid(f"A search has at most {MAX_QUERY} characters.")
    if "\0" in query:
        raise Invalid("A search has no NUL in it.")
    words = Q()
    for word in query.split():
        found = Q(searched__contains=Lower(Value(word))) | Q(rack__iexact=word)
        if _STARTS_ADDRESS.fullmatch(word):
            bmcs = Bmc.objects.filter(address__startswith=word.lower())
            found |= Q(pk__in=bmcs.values("node"))
        words &= found
    return words


def node_find(*, name: str) -> Node:
    """Return the node that a person means by its id, UUID, serial, BMC address or MAC.

    Raises NotFound, or Conflict where the words fit several nodes.
    """
    for condition in _meanings(name.replace("\0", "").strip()):
        found = list(nodes_with_names().filter(condition).distinct().order_by("pk")[:10])
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(str(node.pk) for node in found)
            raise Conflict(f"{name!r} fits several nodes: {ids}.", advice="Use one of these ids.")
    raise NotFound(f"There is no node {name!r}.", advice="See `bearman-cli node list`.")


def _meanings(name: str) -> list[Q]:
    meanings = []
    if name.isascii() and name.isdigit() and len(name) < 19:
        meanings.append(Q(pk=int(name)))
    uuid = canonical_uuid(name)
    if uuid:
        meanings.append(Q(uuid__in=(uuid, swapped_uuid(uuid))) & ~Q(status=NodeStatus.QUARANTINED))
        meanings.append(Q(uuid__in=(uuid, swapped_uuid(uuid))))
    if _MAC.fullmatch(name.lower()):
        mac = Q(interfaces__mac=name.lower().replace("-", ":"))
        meanings += [mac & ~Q(status=NodeStatus.RETIRED), mac]
    address = address_or_none(name)
    if address:
        meanings.append(Q(bmc__address=address))
    if name:
        meanings.append(Q(serial__iexact=name))
    return meanings


def node_findings(*, node_id: int) -> list[Finding]:
    """Return what the last checks of a node found, the worst first."""
    rows = list(Finding.objects.filter(node=node_id))
    return sorted(rows, key=lambda row: ORDER.index(Severity(row.severity)))


def node_events(*, node_id: int, limit: int) -> list[NodeEvent]:
    """Return the node's latest events, newest first."""
    return list(NodeEvent.objects.filter(node_id=node_id).order_by("-id")[:limit])


def power_batch(*, batch: UUID) -> PowerBatch:
    """Return a batch with its nodes; raises NotFound for one that is not there (any more)."""
    rows = PowerRequest.objects.filter(batch=batch).select_related("node__bmc")
    found = list(
        rows.defer("node__searched", "node__bmc__password", "node__bmc__pending_password").order_by(
            "position"
        )
    )
    if not found:
        raise NotFound(f"There is no power request {batch}.", advice="They are kept for 30 days.")
    return PowerBatch(batch, found)


def latest_event_id() -> int:
    """Return the number of the newest event; 0 where there is none."""
    return NodeEvent.objects.order_by("-id").values_list("id", flat=True).first() or 0


def recent_event_ids(*, up_to: int) -> set[int]:
    """Return the numbers of the events that are new enough for a late one to come before them."""
    recent = NodeEvent.objects.filter(id__lte=up_to, at__gt=timezone.now() - LATE_EVENTS)
    return set(recent.values_list("id", flat=True))


def events_after(
    *, event_id: int, node_ids: Sequence[int], skip: set[int], limit: int = 500
) -> list[NodeEvent]:
    """Return events after `event_id`, and late ones before it, oldest first, without `skip`."""
    late = Q(id__lte=event_id, at__gt=timezone.now() - LATE_EVENTS) & ~Q(id__in=skip)
    rows = NodeEvent.objects.filter(Q(id__gt=event_id) | late).exclude(id__in=skip)
    if node_ids:
        rows = rows.filter(node_id__in=node_ids)
    return list(
        rows.select_related("node__flavor", "node__zone", "node__bmc").order_by("id")[:limit]
    )


def raw_inventory_ids() -> Iterator[int]:
    """Return the ids of the nodes whose raw inventory is stored, oldest first, in pieces."""
    return RawInventory.objects.order_by("pk").values_list("pk", flat=True).iterator(1000)
