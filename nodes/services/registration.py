"""A machine makes itself known."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from ipaddress import ip_address, ip_network
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from bearman.lib.errors import BearmanError, Conflict, Denied
from bearman.lib.issues import Found, identity, registration
from nodes.models import AvailabilityZone, EventKind, Node, NodeEvent
from nodes.services.addresses import BmcPlan, bmc_prepare, pending_forget
from nodes.services.arrival import arrival_check, arrival_fill, arrival_find
from nodes.services.boot import BootCaller, boot_bind
from nodes.services.findings import in_words, stopping
from nodes.services.fitness import node_require_fit
from nodes.services.inventory import (
    Inventory,
    RawOutputs,
    inventory_parse,
    inventory_write,
    node_fields,
)
from nodes.services.notices import node_told
from nodes.services.recognition import Recognition, evidence_of, recognise
from nodes.services.status import NODE, deadline_for, event_add, node_move
from nodes.states import MAY_REGISTER, Decision, NodeStatus
from nodes.uuids import swapped_uuid
from profiles.models import Flavor


@dataclass(frozen=True, slots=True)
class Registration:
    """What became of a registration: the node, and its BMC's settings unless quarantined."""

    node: Node
    bmc: BmcPlan | None


def node_register(
    *, caller: BootCaller, raw: RawOutputs, address: str, source: str
) -> Registration:
    """Make or update the Node of the machine behind `caller` from its raw inventory.

    `address` is what the machine says of itself, `source` where the call came from. Safe to
    repeat. Raises Invalid, TooLarge, Denied (its UUID is not the token's), Conflict (the node is
    in a status that does not register) or PoolExhausted; after the last two the node tells why.
    """
    inventory = inventory_parse(raw)
    uuid = _checked_uuid(caller, inventory)
    with transaction.atomic():
        found = recognise(uuid=uuid, evidence=inventory.evidence())
        node = found.node or Node()
        before = NodeStatus(node.status) if found.node else None
        _require_may_register(node, before, found)
        _fill(node, found, inventory)
        _name(node, uuid, caller)
        arrival = arrival_find(node=node, inventory=inventory)
        network_zone = zone_of(source)
        arrival_fill(node=node, arrival=arrival, network_zone=network_zone)
        _place(node, address or source)
        node.save()
        if boot_bind(caller=caller, node_id=node.pk) and found.node:
            pending_forget(node_id=node.pk)
        inventory_write(node=node, inventory=inventory, raw=raw, first=found.node is None)
        _tell(node, found, before, inventory)
        unlike = arrival_check(
            node=node, arrival=arrival, inventory=inventory, network_zone=network_zone
        )
    if node.status == NodeStatus.QUARANTINED:
        return Registration(node, None)
    _require_as_expected(node, unlike)
    _require_fit(node)
    return Registration(node, _prepared(node))


def _checked_uuid(caller: BootCaller, inventory: Inventory) -> str | None:
    uuid = inventory.system.uuid
    if uuid is not None and uuid not in (caller.uuid, swapped_uuid(caller.uuid)):
        raise Denied(
            f"dmidecode says the UUID {uuid}, but the boot token is for {caller.uuid}.",
            issue=identity.UUID_NOT_OF_TOKEN,
        )
    return uuid


def _require_may_register(node: Node, before: NodeStatus | None, found: Recognition) -> None:
    if before is None or before in MAY_REGISTER:
        return
    if node.decision == Decision.REJECTED and found.reason:
        return  # it is only quarantined again
    raise Conflict(
        f"Node {node.pk} ({node}) is {before} and does not register.",
        issue=registration.STATUS_FORBIDS,
    )


def _fill(node: Node, found: Recognition, inventory: Inventory) -> None:
    status = NodeStatus.QUARANTINED if found.reason else NodeStatus.REGISTERING
    for name, value in node_fields(inventory).items():
        setattr(node, name, value)
    node.status, node.step, node.deadline = status, "register", deadline_for(status)
    node.reason, node.issue = found.reason[:1000], found.issue.code if found.issue else ""
    node.advice = found.issue.advice if found.issue else ""
    node.clashes_with = found.clashes_with
    node.power_off_due = None
    node.proven_at = None


def _name(node: Node, uuid: str | None, caller: BootCaller) -> None:
    """Note the UUID that it has now: a machine known by its parts may have got another.

    One without any is asked for by the one that it boots with.
    """
    if uuid and str(node.uuid) not in (uuid, swapped_uuid(uuid)):
        node.uuid = UUID(uuid)
    elif node.uuid is None and node.decision == Decision.OWN:
        node.uuid = UUID(caller.uuid)


def _place(node: Node, address: str) -> None:
    node.address, node.last_seen = address, timezone.now()
    node.flavor = node.flavor or _flavor_of(node)


def zone_of(source: str) -> AvailabilityZone | None:
    """Return the zone with the longest network around `source`, or the one without networks."""
    address = ip_address(source)
    best: tuple[int, AvailabilityZone] | None = None
    for zone in AvailabilityZone.objects.all():
        lengths = [ip_network(n).prefixlen for n in zone.networks if address in ip_network(n)]
        length = max(lengths, default=-1 if zone.networks else 0)
        if length >= 0 and (best is None or length > best[0]):
            best = (length, zone)
    return best[1] if best else None


def _flavor_of(node: Node) -> Flavor | None:
    for flavor in Flavor.objects.all():
        vendor = fnmatchcase(node.vendor.lower(), flavor.vendor_pattern.lower())
        product = fnmatchcase(node.product_name.lower(), flavor.product_pattern.lower())
        if flavor.product_pattern and vendor and product:
            return flavor
    return None


def _tell(node: Node, found: Recognition, before: NodeStatus | None, inventory: Inventory) -> None:
    if before != node.status:
        NodeEvent.objects.create(
            node=node,
            kind=EventKind.STATUS,
            actor=NODE,
            from_status=before or "",
            to_status=node.status,
            step="register",
            issue=node.issue,
            message=(node.reason or f"{node} registers.")[:1000],
        )
        node_told(node_id=node.pk, to=NodeStatus(node.status), actor=NODE)
    for words in _changes(found, inventory):
        event_add(
            node_id=node.pk,
            kind=EventKind.INVENTORY,
            message=words,
            step="register",
            issue=registration.PARTS_CHANGED,
        )


def _changes(found: Recognition, inventory: Inventory) -> list[str]:
    """Say in words which parts are not the ones that were there before."""
    if found.node is None:
        return []
    old, new = evidence_of(found.node), inventory.evidence()
    kinds = (("MAC", old.macs, new.macs), ("memory", old.memory_serials, new.memory_serials))
    changes = []
    for name, before, now in kinds:
        if before - now:
            changes.append(f"{name} gone: {', '.join(sorted(before - now))}.")
        if now - before:
            changes.append(f"{name} new: {', '.join(sorted(now - before))}.")
    return changes


def _require_as_expected(node: Node, unlike: Sequence[Found]) -> None:
    """Raise Conflict where what the list of expected machines says ends the registration."""
    worst = stopping(node=node, found=unlike)
    if worst:
        error = Conflict(in_words(worst), advice=worst[0].what_to_do, issue=worst[0].issue)
        _fail(node, "expected", error)
        raise error


def _require_fit(node: Node) -> None:
    """Raise Conflict where the node is not what its flavor demands; the node then has failed."""
    try:
        node_require_fit(node=node)
    except Conflict as error:
        _fail(node, "inventory", error)
        raise


def _prepared(node: Node) -> BmcPlan:
    try:
        return bmc_prepare(node=node)
    except BearmanError as error:
        _fail(node, "address", error)
        raise


def _fail(node: Node, step: str, error: BearmanError) -> None:
    with suppress(Conflict):  # an operator was faster, and what they said stays
        node_move(
            node_id=node.pk,
            to=NodeStatus.REGISTER_FAILED,
            only_from=NodeStatus.REGISTERING,
            step=step,
            reason=error.message,
            advice=error.advice,
            issue=error.issue,
        )
