"""Reads on deployments."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from baremetal.models import Baremetal, BaremetalEvent
from baremetal.states import BaremetalState
from bearman.lib.addresses import address_or_none
from bearman.lib.errors import BearmanError, Conflict, Invalid, NotFound
from nodes.selectors import MAX_QUERY, node_find
from nodes.uuids import swapped_uuid

EVENTS = 100
NO_PEOPLE = ("system", "node")  # actors of events that are not operators


@dataclass(frozen=True, slots=True)
class BaremetalFilter:
    """Which ones to list; what is empty does not narrow, but for history."""

    states: Sequence[BaremetalState] = ()
    profile: str = ""
    query: str = ""


def live() -> QuerySet[Baremetal]:
    """Return all that are not history, with what a row of a list shows, in one query."""
    return with_names().exclude(state=BaremetalState.RELEASED)


def with_names() -> QuerySet[Baremetal]:
    """Return all rows with node and profile, without what is deployed."""
    return Baremetal.objects.select_related("node", "profile").defer(
        "spec", "log_tail", "node__searched"
    )


# What a machine that boots needs of its row. Thousands ask at once, and the ORM takes longer to
# write such a question, and to make a row of the answer, than PostgreSQL to answer it.
_HOT = frozenset(
    {
        *("id", "node_id", "hostname", "state", "step", "attempt", "nonce", "cold_boot", "up_at"),
        *("told_at", "powered_at", "reason", "issue", "image_label", "profile_name"),
        *("profile_version", *(_JSON := ("addresses", "spec"))),
    }
)
_FIELDS = [each.attname for each in Baremetal._meta.concrete_fields if each.attname in _HOT]
_COLUMNS = ", ".join(f"b.{name}" for name in _FIELDS)
_ASKING = f"""
SELECT {_COLUMNS}, zone.networks,
    EXISTS (
        SELECT FROM nodes_networkinterface AS port
        WHERE port.node_id = node.id AND port.mac = %(mac)s
    ) AS by_mac,
    EXISTS (
        SELECT FROM nodes_node AS twin
        WHERE twin.uuid IN (%(uuid)s::uuid, %(swapped)s::uuid) AND twin.decision = 'own'
        AND twin.status NOT IN ('QUARANTINED', 'RETIRED')
    ) AS told_by_mac
FROM baremetal_baremetal AS b
JOIN nodes_node AS node ON node.id = b.node_id
LEFT JOIN nodes_availabilityzone AS zone ON zone.id = node.zone_id
WHERE node.uuid IN (%(uuid)s::uuid, %(swapped)s::uuid) AND node.status = 'IN_USE'
    AND b.state <> 'RELEASED'
ORDER BY by_mac DESC
LIMIT 1
"""  # noqa: S608 (names of columns)
_CALLING = f"""
SELECT {_COLUMNS} FROM baremetal_baremetal AS b WHERE b.node_id = %s AND b.state <> 'RELEASED'
"""  # noqa: S608 (names of columns)


@dataclass(frozen=True, slots=True)
class Asking:
    """A live row, and the networks of its node's zone; none of a node without one."""

    row: Baremetal
    networks: Sequence[str]


def asking(*, uuid: str, mac: str = "") -> Asking | None:
    """Return the live row of the machine with this UUID, in either byte order; one query.

    Where several machines have the UUID by an operator's decision, the one with the interface
    `mac`, which is in canonical form or empty.
    """
    found = _one(_ASKING, {"uuid": uuid, "swapped": swapped_uuid(uuid), "mac": mac})
    if found is None:
        return None
    row, (networks, by_mac, told_by_mac) = found
    return Asking(row, networks or ()) if by_mac or not told_by_mac else None


def calling(*, node_id: int | None) -> Baremetal | None:
    """Return the live row of the node that calls; one query. None for a node without one."""
    found = _one(_CALLING, [node_id or 0])
    return found[0] if found else None


def _one(statement: str, values: Any) -> tuple[Baremetal, Sequence[Any]] | None:
    """Return the row that a statement finds, and what it found besides."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found = cursor.fetchone()
    if found is None:
        return None
    own = (json.loads(v) if n in _JSON else v for n, v in zip(_FIELDS, found, strict=False))
    return Baremetal.from_db("default", _HOT, list(own)), found[len(_FIELDS) :]


def live_of_node(node_id: int | None) -> Baremetal | None:
    """Return the live row of a node; None for a node without one."""
    rows = Baremetal.objects.exclude(state=BaremetalState.RELEASED)
    return rows.filter(node_id=node_id or 0).first()


def baremetals_list(
    *, wanted: BaremetalFilter, before_id: int | None, limit: int
) -> list[Baremetal]:
    """Return up to `limit` rows, newest first, that come after `before_id` in that order."""
    rows = with_names()
    if wanted.states:
        rows = rows.filter(state__in=wanted.states)
    else:
        rows = rows.exclude(state=BaremetalState.RELEASED)
    if wanted.profile:
        rows = rows.filter(profile_name=wanted.profile.replace("\0", ""))
    if wanted.query:
        rows = rows.filter(matching(wanted.query))
    if before_id is not None:
        rows = rows.filter(pk__lt=before_id)
    return list(rows.order_by("-pk")[:limit])


def machines_following(*, image_name: str) -> QuerySet[Baremetal]:
    """Return the live deployments whose profiles follow an image, by host name."""
    return (
        live()
        .filter(profile__image_name=image_name, profile__held_image__isnull=True)
        .order_by("hostname")
    )


def matching(query: str) -> Q:
    """Return the condition that host name or service address contain each word."""
    if len(query) > MAX_QUERY or "\0" in query:
        raise Invalid(f"A search has at most {MAX_QUERY} characters and no NUL.")
    words = Q()
    for word in query.split():
        found = Q(hostname__icontains=word)
        if set(word.lower()) <= set("0123456789abcdef.:"):
            found |= Q(service_address__startswith=word.lower())
        words &= found
    return words


def baremetal_find(*, name: str) -> Baremetal:
    """Return the one that a person means by number, host name, address, or its node.

    A live row goes before history. Raises NotFound, or Conflict where the words fit several.
    """
    name = name.replace("\0", "").strip()[:MAX_QUERY]
    conditions = [Q(hostname=name.lower()) & ~Q(state=BaremetalState.RELEASED)]
    address = address_or_none(name)
    if address:
        conditions.append(Q(service_address=address) & ~Q(state=BaremetalState.RELEASED))
    if name.isascii() and name.isdigit() and len(name) < 19:
        conditions.append(Q(pk=int(name)))
    for condition in conditions:
        found = with_names().filter(condition).first()
        if found is not None:
            return found
    return _of_node(name)


def _of_node(name: str) -> Baremetal:
    try:
        node = node_find(name=name)
    except Conflict:
        raise
    except BearmanError:
        node = None
    found = live().filter(node=node).first() if node else None
    if found is None:
        raise NotFound(
            f"There is no baremetal {name!r}.", advice="See `bearman-cli baremetal list`."
        )
    return found


def baremetal_events(
    *, baremetal_id: int, after_id: int = 0, limit: int = EVENTS
) -> list[BaremetalEvent]:
    """Return events, oldest first: those after `after_id`, or else the latest ones."""
    rows = BaremetalEvent.objects.filter(baremetal_id=baremetal_id)
    if after_id:
        return list(rows.filter(pk__gt=after_id).order_by("pk")[:limit])
    return list(reversed(rows.order_by("-pk")[:limit]))


def latest_of_operators(*, baremetal_ids: Sequence[int]) -> dict[int, BaremetalEvent]:
    """Return what a person did last with each of some deployments."""
    rows = BaremetalEvent.objects.filter(baremetal__in=baremetal_ids).exclude(actor__in=NO_PEOPLE)
    latest = rows.order_by("baremetal_id", "-pk").distinct("baremetal_id").defer("log_tail")
    return {event.baremetal_id: event for event in latest}
