"""A machine that registers is looked up among those that are expected."""

from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from bearman.lib.issues import Found
from bearman.lib.issues import expected as issues
from nodes.expected.compare import Seen, Wanted, compare, serial_key
from nodes.expected.entry import place_words
from nodes.expected.memory import Module
from nodes.expected.slots import slot_names
from nodes.inventory import Dmidecode
from nodes.models import AvailabilityZone, EventKind, ExpectedMachine, FindingSource, Node
from nodes.services.findings import findings_replace
from nodes.services.inventory import Inventory
from nodes.services.placement import neighbour_of
from nodes.services.status import event_add
from nodes.states import NOT_OWNERS, NodeStatus


@dataclass(frozen=True, slots=True)
class Arrival:
    """The entry that a machine has in the list, or the node that has it already."""

    machine: ExpectedMachine | None = None
    taken: ExpectedMachine | None = None
    unlisted: bool = False  # there is a list, and it is not in it
    first: bool = False  # the node is new


def arrival_find(*, node: Node, inventory: Inventory) -> Arrival:
    """Find the machine by its serial number, else its asset tag, else a MAC address.

    What it was before it stays, where nothing fits better. To be called in a transaction; locks
    the entries. One that another node has is no match, but a serial number takes an entry from a
    node that was matched by less.
    """
    macs = [nic.mac for nic in inventory.nics if nic.mac]
    found = list(
        ExpectedMachine.objects.select_for_update(of=("self",))
        .select_related("node", "zone", "flavor")
        .filter(
            _matches("serial", node.serial)
            | _matches("asset_tag", node.asset_tag)
            | Q(mac__in=macs)
            | Q(node__in=[node.pk] if node.pk else [])
        )
        .order_by("pk")
    )
    first = node.pk is None
    if not found:
        return Arrival(unlisted=ExpectedMachine.objects.exists(), first=first)
    found.sort(key=lambda row: _rank(row, node, macs))
    free = next((row for row in found if not _is_taken(row, node)), None)
    return Arrival(machine=free, taken=None if free else found[0], first=first)


def _matches(column: str, value: str) -> Q:
    return Q(**{f"{column}__iexact": value}) & ~Q(**{column: ""}) if value else Q(pk__in=())


def _rank(row: ExpectedMachine, node: Node, macs: list[str]) -> int:
    if _same_serial(row, node):
        return 0
    if row.asset_tag and row.asset_tag.upper() == node.asset_tag.upper():
        return 1
    return 2 if row.mac in macs else 3


def _same_serial(row: ExpectedMachine, node: Node) -> bool:
    return bool(node.serial) and serial_key(row.serial) == serial_key(node.serial)


def _is_taken(row: ExpectedMachine, node: Node) -> bool:
    other = row.node
    if other is None or other.pk == node.pk or other.status in NOT_OWNERS:
        return False
    return _same_serial(row, other) or not _same_serial(row, node)


def arrival_fill(*, node: Node, arrival: Arrival, network_zone: AvailabilityZone | None) -> None:
    """Give the node the place, zone and flavor of its entry where it has none; saves nothing.

    A zone that names the network from which the machine boots is believed before the list; one
    that takes all the rest is not.
    """
    wanted = arrival.machine or ExpectedMachine()
    by_network = network_zone if network_zone and network_zone.networks else None
    node.zone = node.zone or by_network or wanted.zone or network_zone
    node.flavor = node.flavor or wanted.flavor
    unplaced = node.pk is None or not node.rack
    if unplaced or (node.rack == wanted.rack and node.unit is None):
        node.rack, node.unit = wanted.rack, wanted.unit


def arrival_check(
    *,
    node: Node,
    arrival: Arrival,
    inventory: Inventory,
    network_zone: AvailabilityZone | None,
) -> list[Found]:
    """Write down that the machine has arrived and what is not as expected, and return that.

    A quarantined node takes no entry: who it is has not been decided.
    """
    found: list[Found] = []
    if node.status != NodeStatus.QUARANTINED:
        _link(node, arrival.machine)
        found = _compared(node, arrival, inventory, network_zone)
    if found or not arrival.first:
        findings_replace(node_id=node.pk, source=FindingSource.EXPECTED, found=found)
    return found


def _link(node: Node, row: ExpectedMachine | None) -> None:
    if row is None or row.node_id == node.pk:
        return
    ExpectedMachine.objects.filter(node=node).update(node=None, arrived_at=None)
    ExpectedMachine.objects.filter(pk=row.pk).update(node=node, arrived_at=timezone.now())
    said = (
        row.place,
        f"zone {row.zone}" if row.zone else "",
        f"flavor {row.flavor}" if row.flavor else "",
    )
    words = ", ".join(filter(None, said))
    event_add(
        node_id=node.pk,
        kind=EventKind.INVENTORY,
        step="expected",
        message=f"It is the expected machine {row}{f' ({words})' if words else ''}.",
    )


def _compared(
    node: Node, arrival: Arrival, inventory: Inventory, network_zone: AvailabilityZone | None
) -> list[Found]:
    if arrival.taken is not None:
        return [_taken(arrival.taken)]
    row = arrival.machine
    if row is None:
        return [_unlisted(node)] if arrival.unlisted else []
    by_network = network_zone if network_zone and network_zone.networks else node.zone
    found = compare(wanted_of(row), _seen(node, by_network, inventory.system))
    other = neighbour_of(node=node) if row.place else None
    if other is not None:
        words = (
            f"It is in {place_words(node.rack, node.unit)}, and so is node {other.pk} ({other})."
        )
        found.append(Found(issues.PLACE_TAKEN, "place", words))
    return found


def wanted_of(row: ExpectedMachine) -> Wanted:
    """Return what is compared of an entry."""
    return Wanted(
        serial=row.serial,
        vendor=row.vendor,
        model=row.model,
        zone=row.zone.name if row.zone else "",
        flavor=row.flavor.name if row.flavor else "",
        place=row.place,
        memory=row.memory_plan,
    )


def _seen(node: Node, zone: AvailabilityZone | None, system: Dmidecode) -> Seen:
    filled, empty = slot_names(system.dimms, system.empty_slots)
    sizes = (dimm.size_bytes for dimm in system.dimms)
    return Seen(
        serial=node.serial,
        vendor=node.vendor,
        product_name=node.product_name,
        zone=zone.name if zone else "",
        flavor=node.flavor.name if node.flavor else "",
        place=place_words(node.rack, node.unit),
        modules=[Module(name, octets) for name, octets in zip(filled, sizes, strict=True)],
        empty_slots=empty,
    )


def _taken(row: ExpectedMachine) -> Found:
    words = (
        f"The expected machine {row} has arrived already: it is node {row.node_id} ({row.node})."
    )
    return Found(issues.SERIAL_TWICE, "serial", words)


def _unlisted(node: Node) -> Found:
    named = f"serial number {node.serial}" if node.serial else "no serial number"
    words = f"This machine has {named}, and is not in the list of expected machines."
    return Found(issues.NOT_EXPECTED, "machine", words)
