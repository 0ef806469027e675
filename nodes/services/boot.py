"""Boot tokens: who gets one, and whose it is."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from ipaddress import ip_address
from typing import Any, Literal

from django.conf import settings
from django.db import connection
from django.utils import timezone

from bearman.lib import tokens
from bearman.lib.errors import Denied, Unauthenticated
from bearman.lib.issues import boot
from nodes.models import BootRequest
from nodes.states import NodeStatus
from nodes.uuids import swapped_uuid


class Purpose(StrEnum):
    """What a boot token is for."""

    REGISTER = "register"  # a stage one that registers
    DEPLOY = "deploy"  # a stage one that kexecs
    SYSTEM = "system"  # the system of a profile, or its installer


ANY_PURPOSE = frozenset(Purpose)

# One statement, since thousands of machines ask at once: what Bearman knows of the UUID, whether
# unknown machines may enrol from this address, and either the token's row or the note that there
# is none. A machine known under the byte-swapped form of its UUID is known. Where an operator gave
# one of several machines with the UUID its own identity, the interface that asks tells which it is.
_ASK = """
WITH claimant AS (
    SELECT id, uuid, status, decision = 'own' AS own, EXISTS (
        SELECT FROM nodes_networkinterface AS port
        WHERE port.node_id = nodes_node.id AND port.mac = %(mac)s
    ) AS by_mac
    FROM nodes_node
    WHERE uuid IN (%(uuid)s::uuid, %(swapped)s::uuid) AND status <> 'QUARANTINED'
        AND decision NOT IN ('merged', 'rejected')
        AND (status <> 'RETIRED' OR NOT EXISTS (  -- else another machine may be its heir
            SELECT FROM nodes_node AS heir WHERE heir.status = 'QUARANTINED'
            AND heir.uuid IN (%(uuid)s::uuid, %(swapped)s::uuid)
        ))
), several AS (
    SELECT EXISTS (SELECT FROM claimant WHERE own AND status <> 'RETIRED') AS told_by_mac
), known AS (
    SELECT id, status FROM claimant, several
    WHERE by_mac OR NOT (own OR told_by_mac)
    ORDER BY by_mac DESC, uuid = %(uuid)s::uuid DESC, status = 'RETIRED' LIMIT 1
), enrolment AS (
    SELECT %(open)s OR EXISTS (
        SELECT FROM nodes_enrolmentwindow
        WHERE network::inet >>= %(source)s::inet AND %(now)s >= opens_at AND %(now)s < closes_at
    ) AS open
), answer AS (
    SELECT NOT unclear AND
            coalesce((SELECT status = ANY(%(boots)s) FROM known), (SELECT open FROM enrolment))
            AS granted,
        unclear
    FROM (SELECT told_by_mac AND %(mac)s = '' AS unclear FROM several) AS which
), request AS (
    INSERT INTO nodes_bootrequest
        (uuid, source, purpose, granted, digest, asked_at, expires_at, times, reports)
    SELECT %(uuid)s::uuid, %(source)s::inet, %(purpose)s, granted, %(digest)s, %(now)s,
        %(expires)s, 1, 0
    FROM answer
    WHERE NOT unclear  -- it asks again at once, with its interface
        AND (SELECT status FROM known) IS DISTINCT FROM 'IN_USE'  -- its deployment knows better
    ON CONFLICT (uuid, source) WHERE NOT granted DO UPDATE
        SET asked_at = excluded.asked_at, expires_at = excluded.expires_at,
            times = nodes_bootrequest.times + 1, message = ''
)
SELECT granted, (SELECT id FROM known), (SELECT status FROM known), unclear FROM answer
"""

_REFUSED = """
INSERT INTO nodes_bootrequest
    (uuid, source, purpose, granted, digest, asked_at, expires_at, times, reports, message)
VALUES (%(uuid)s::uuid, %(source)s::inet, %(purpose)s, false, %(digest)s, %(now)s, %(expires)s, 1,
    0, %(message)s)
ON CONFLICT (uuid, source) WHERE NOT granted DO UPDATE
    SET asked_at = excluded.asked_at, expires_at = excluded.expires_at,
        times = nodes_bootrequest.times + 1, message = excluded.message
"""

# Each call of a machine begins with this one.
_CALLER = """
SELECT id, uuid::text, node_id, purpose, host(source) FROM nodes_bootrequest
WHERE digest = %s AND granted AND expires_at > %s
"""

# Parts of a statement that has a part `changed`: where that has a row, the token is given, and the
# node's earlier ones for the same purpose end.
TOKEN_PARTS = """
earlier AS (
    DELETE FROM nodes_bootrequest
    WHERE node_id = %(node)s AND purpose = %(purpose)s AND EXISTS (SELECT FROM changed)
), token AS (
    INSERT INTO nodes_bootrequest
        (uuid, source, purpose, granted, digest, asked_at, expires_at, times, reports, node_id)
    SELECT %(uuid)s::uuid, %(source)s::inet, %(purpose)s, true, %(digest)s, %(now)s, %(expires)s,
        1, 0, %(node)s
    FROM changed
)
"""  # noqa: S105, no password but SQL
_GIVE = f"WITH changed AS (SELECT 1), {TOKEN_PARTS} SELECT"

# What a caller read of its token may be old by now, so the row itself decides.
_BIND = """
WITH bound AS (
    UPDATE nodes_bootrequest SET node_id = %(node)s WHERE id = %(request)s AND node_id IS NULL
    RETURNING id
), earlier AS (
    DELETE FROM nodes_bootrequest
    WHERE node_id = %(node)s AND id <> %(request)s AND EXISTS (SELECT FROM bound)
)
SELECT count(*) > 0 FROM bound
"""

# Statuses in which a machine that asks is given stage one.
BOOTS_STAGE_ONE = (NodeStatus.REGISTERING, NodeStatus.READY, NodeStatus.REGISTER_FAILED)


@dataclass(frozen=True, slots=True)
class BootGrant:
    """What a machine that asks gets: a token, or none; and what is known of its UUID.

    `unclear` says that several machines have the UUID, and only a MAC address tells which asks.
    """

    token: str | None
    node_id: int | None
    status: NodeStatus | None
    unclear: bool = False


@dataclass(frozen=True, slots=True)
class BootCaller:
    """The machine behind a boot token."""

    request_id: int
    uuid: str
    node_id: int | None
    purpose: Purpose
    given_to: str  # the address that asked for the token


def boot_ask(*, uuid: str, source: str, mac: str = "") -> BootGrant:
    """Note that a machine asks what to boot, and give it a boot token if it may register.

    `uuid` and `mac` are in canonical form, the latter empty where it is unknown; `source` is the
    caller's address. The token is for UUID and address, for BEARMAN_BOOT_TOKEN_SECONDS.
    """
    token, now = tokens.new(tokens.BOOT_PREFIX), timezone.now()
    values: dict[str, Any] = {
        "uuid": uuid,
        "swapped": swapped_uuid(uuid),
        "mac": mac,
        "source": source,
        "open": _always_open(source),
        "boots": list(BOOTS_STAGE_ONE),
        "purpose": Purpose.REGISTER.value,
        "digest": tokens.digest(token),
        "now": now,
        "expires": now + timedelta(seconds=settings.BOOT_TOKEN_SECONDS),
    }
    with connection.cursor() as cursor:
        cursor.execute(_ASK, values)
        granted, node_id, status, unclear = cursor.fetchone()
    known = NodeStatus(status) if status else None
    return BootGrant(token if granted else None, node_id, known, unclear)


def boot_refused(*, uuid: str, source: str, why: str) -> None:
    """Note that a machine asked what to boot and got nothing; `why` is a sentence for people.

    `uuid` is in canonical form. The Admin lists it as seen; asking again is counted.
    """
    now = timezone.now()
    values: dict[str, Any] = {
        "uuid": uuid,
        "source": source,
        "purpose": Purpose.REGISTER.value,
        "digest": tokens.digest(tokens.new(tokens.BOOT_PREFIX)),  # of no token that anybody has
        "now": now,
        "expires": now + timedelta(seconds=settings.BOOT_TOKEN_SECONDS),
        "message": why[:1000],
    }
    with connection.cursor() as cursor:
        cursor.execute(_REFUSED, values)


def boot_token_give(*, uuid: str, source: str, purpose: Purpose, node_id: int) -> str:
    """Return a new boot token of a node for this purpose, this UUID and the caller's address.

    It ends the node's earlier tokens for that purpose: they were of earlier boots.
    """
    token, values = boot_token_new(uuid=uuid, source=source, purpose=purpose, node_id=node_id)
    with connection.cursor() as cursor:
        cursor.execute(_GIVE, values)
    return token


def boot_token_new(
    *, uuid: str, source: str, purpose: Purpose, node_id: int
) -> tuple[str, dict[str, Any]]:
    """Return a new boot token, and the values of TOKEN_PARTS by which it is given."""
    token, now = tokens.new(tokens.BOOT_PREFIX), timezone.now()
    system = purpose is Purpose.SYSTEM
    seconds = settings.SYSTEM_TOKEN_SECONDS if system else settings.BOOT_TOKEN_SECONDS
    values: dict[str, Any] = {
        "uuid": uuid,
        "source": source,
        "purpose": purpose.value,
        "node": node_id,
        "digest": tokens.digest(token),
        "now": now,
        "expires": now + timedelta(seconds=seconds),
    }
    return token, values


def boot_tokens_end(*, node_id: int, purpose: Purpose | None = None) -> None:
    """End a node's boot tokens, or those for one purpose: whoever has one is of an earlier boot."""
    rows = BootRequest.objects.filter(node_id=node_id)
    (rows.filter(purpose=purpose) if purpose else rows).delete()


def boot_caller(
    *,
    token: str,
    uuid: str | None,
    source: str,
    purposes: Collection[Purpose] = (Purpose.REGISTER,),
) -> BootCaller:
    """Return the machine behind `token`, which says it is `uuid` and calls from `source`.

    A system moves to its service address while it is set up, so for those the caller of this looks
    at the address. Raises Unauthenticated for a token that is unknown or has ended, Denied for one
    that is another machine's or for another purpose.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CALLER, [tokens.digest(token[: tokens.MAX_LENGTH]), timezone.now()])
        row = cursor.fetchone()
    if row is None:
        raise Unauthenticated(
            "This boot token is unknown or has ended.",
            issue=boot.TOKEN_REFUSED,
        )
    caller = BootCaller(row[0], row[1], row[2], Purpose(row[3]), row[4])
    if uuid is not None and uuid not in (caller.uuid, swapped_uuid(caller.uuid)):
        raise Denied(f"This boot token is not for the machine {uuid}.", issue=boot.TOKEN_REFUSED)
    if caller.purpose not in purposes:
        raise Denied(
            f"This boot token is for another purpose, {caller.purpose}.", issue=boot.TOKEN_REFUSED
        )
    if caller.purpose != Purpose.SYSTEM:
        require_same_source(caller, source)
    return caller


def require_same_source(caller: BootCaller, source: str, also: Collection[str] = ()) -> None:
    """Raise Denied unless the call comes from where the token was given, or from one of `also`."""
    known = {ip_address(address) for address in (caller.given_to, *also)}
    if settings.BOOT_TOKEN_BIND_SOURCE and ip_address(source) not in known:
        raise Denied(
            f"This boot token was given to {caller.given_to} and is of no use from {source}.",
            issue=boot.TOKEN_REFUSED,
        )


def boot_bind(*, caller: BootCaller, node_id: int) -> bool:
    """Tie the token to the node it registered; ends the node's earlier tokens.

    Returns whether this boot is new to the node. A token never moves to a second node. Raises
    Denied for one that is another node's, Unauthenticated where a later boot has ended it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BIND, {"node": node_id, "request": caller.request_id})
        if cursor.fetchone()[0]:
            return True
    bound = BootRequest.objects.filter(pk=caller.request_id).values_list("node_id", flat=True)
    owner = bound.first()
    if owner is None:
        raise Unauthenticated(
            "A later boot of this machine has ended this boot token.", issue=boot.TOKEN_REFUSED
        )
    if owner != node_id:
        raise Denied(
            "This boot token has registered another machine already.", issue=boot.TOKEN_REFUSED
        )
    return False


def boot_checked(*, caller: BootCaller, what: Literal["wiring", "firmware"]) -> None:
    """Note that this boot has its cables, or its firmware, compared."""
    column = "wiring_at" if what == "wiring" else "firmware_at"
    BootRequest.objects.filter(pk=caller.request_id).update(**{str(column): timezone.now()})


def boot_requests_prune() -> int:
    """Delete what ended more than a day ago, and return how many rows that were."""
    ended = BootRequest.objects.filter(expires_at__lt=timezone.now() - timedelta(days=1))
    return ended.delete()[0]


def _always_open(source: str) -> bool:
    address = ip_address(source)
    return any(address in network for network in settings.ENROLMENT_NETWORKS)
