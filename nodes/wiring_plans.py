"""Reads of what machines must be cabled like, and of whose a switch port is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import reduce
from operator import or_

from django.db.models import Q

from nodes.models import Cable, LinkState, Node, WiringPlan
from nodes.states import NOT_OWNERS
from nodes.wiring.lldp import Neighbour
from nodes.wiring.names import port_number, short_switch
from nodes.wiring.pattern import Pattern, PatternError, parse_patterns
from nodes.wiring.plan import End, Peer, Rules, Wanted

MOST = 200  # rows of other machines that one check looks at


@dataclass(frozen=True, slots=True)
class Place:
    """What a plan and a cable go by."""

    rack: str
    unit: int | None
    serial: str
    flavor_id: int | None

    def __str__(self) -> str:
        """Return where it stands, in words; empty where that is not known."""
        if not self.rack:
            return ""
        return f"rack {self.rack}, unit {self.unit}" if self.unit else f"rack {self.rack}"


def place_of(node: Node) -> Place:
    """Return where a node stands."""
    return Place(node.rack, node.unit, node.serial, node.flavor_id)


@dataclass(frozen=True, slots=True)
class Plan:
    """A wiring plan with its patterns read."""

    row: WiringPlan
    patterns: tuple[Pattern, ...]
    rules: Rules

    @property
    def source(self) -> str:
        """Return what findings call it."""
        return f"plan {self.row.name}"


def plan_read(row: WiringPlan) -> Plan:
    """Return a plan for comparing; raises PatternError for patterns that cannot be read."""
    rules = Rules(
        links=row.links,
        switches=row.switches,
        same_port=row.same_port,
        speed=row.speed,
        vlan=row.vlan,
        mtu=row.mtu,
        interfaces=tuple(filter(None, (one.strip() for one in row.interfaces.split(",")))),
        source=f"plan {row.name}",
    )
    return Plan(row, parse_patterns(row.patterns), rules)


def plans_all() -> list[Plan]:
    """Return all plans, in the order in which they are tried."""
    plans = []
    for row in WiringPlan.objects.all():
        try:
            plans.append(plan_read(row))
        except PatternError:  # written past the service that checks them
            continue
    return sorted(
        plans,
        key=lambda plan: (
            -plan.row.priority,
            plan.row.flavor_id is None,
            plan.row.rack_pattern == "*",
            plan.row.name,
        ),
    )


def plan_for(plans: Sequence[Plan], place: Place) -> tuple[Plan | None, bool]:
    """Return the plan of a machine, and whether another one might be if its rack were known."""
    for plan in plans:
        if plan.row.flavor_id not in (None, place.flavor_id):
            continue
        pattern = plan.row.rack_pattern.casefold()
        if fnmatchcase(place.rack.casefold(), pattern):
            return plan, False
        if not place.rack:
            return None, True
    return None, False


def wanted_of(place: Place, plans: Sequence[Plan], cables: Iterable[Cable]) -> Wanted:
    """Return what a machine must be cabled like: cables before patterns before rules."""
    plan, unsure = plan_for(plans, place)
    ends: dict[str, End] = {}
    lacking: set[str] = {"rack"} if unsure else set()
    for pattern in plan.patterns if plan else ():
        end = pattern.end(rack=place.rack, unit=place.unit, source=plan.source if plan else "")
        if end:
            ends[pattern.interface] = end
        else:
            lacking |= _lacking(pattern, place)
    exact = sorted(cables, key=lambda cable: bool(cable.serial))  # a serial is surer than a place
    ends |= {cable.interface: _end(cable) for cable in exact}
    rules = plan.rules if plan else None
    if rules:
        ends = {name: _with_rules(end, rules, name) for name, end in ends.items()}
        shared = rules.links or rules.switches or rules.same_port
        if not rules.asks or (not shared and plan and (plan.patterns or ends)):
            rules = None
    return Wanted(ends, rules, str(place), sorted(lacking))


def _lacking(pattern: Pattern, place: Place) -> set[str]:
    known = {"rack": bool(place.rack), "unit": place.unit is not None}
    missing = {name for name in pattern.needs if not known[name]}
    return missing or {f"unit that fits the pattern of {pattern.interface}"}


def _end(cable: Cable) -> End:
    return End(
        cable.switch, cable.port, cable.speed, cable.vlan, cable.mtu, source="the list of cables"
    )


def _with_rules(end: End, rules: Rules, interface: str) -> End:
    if not rules.about(interface):
        return end
    return replace(
        end,
        speed=end.speed or rules.speed,
        vlan=end.vlan or rules.vlan,
        mtu=end.mtu or rules.mtu,
    )


def cables_of(places: Iterable[Place]) -> list[Cable]:
    """Return the cables of the machines at these places, in one query."""
    found = [_cable_condition(place) for place in places]
    every = [condition for condition in found if condition]
    return list(Cable.objects.filter(reduce(or_, every))) if every else []


def unplaced(place: Place, wanted: Wanted) -> Wanted:
    """Return what is wanted, with what is lacking to find the machine in a list of cables.

    Where cables are listed by rack and unit, a machine of unknown place may be one of those.
    """
    lacks = [name for name in ("rack", "unit") if getattr(place, name) in ("", None)]
    if wanted.asks or not lacks or not Cable.objects.filter(serial="").exists():
        return wanted
    return replace(wanted, lacking=lacks)


def _cable_condition(place: Place) -> Q:
    condition = Q(pk__in=[])
    if place.rack and place.unit is not None:
        condition |= Q(serial="", rack__iexact=place.rack, unit=place.unit)
    if place.serial:
        condition |= Q(serial__iexact=place.serial)
    return condition


def is_of(cable: Cable, place: Place) -> bool:
    """Tell whether a cable is one of the machine at this place."""
    if cable.serial:
        return cable.serial.casefold() == place.serial.casefold()
    same_rack = cable.rack.casefold() == place.rack.casefold()
    return same_rack and cable.unit == place.unit


def peers_of(
    node: Node, plans: Sequence[Plan], wanted: Wanted, seen: Sequence[Neighbour]
) -> list[Peer]:
    """Return interfaces of other machines that were seen on the ports wanted, or that are wanted
    on the ports seen; in a fixed number of queries.
    """
    owners = _owners(node, plans, seen)
    places = [Q(rack__iexact=rack, unit=unit) for rack, unit, _ in owners if rack]
    places += [Q(serial__iexact=serial) for _, _, serial in owners if serial]
    condition = reduce(or_, places, Q(pk__in=_occupants(wanted)))
    rows = Node.objects.filter(condition).exclude(pk=node.pk)
    rows = rows.exclude(status__in=[status.value for status in NOT_OWNERS])
    nodes = list(rows.defer("searched", "warnings")[:MOST])
    return _interfaces(nodes, plans) if nodes else []


def _occupants(wanted: Wanted) -> list[int]:
    """Return the nodes that were seen on the ports that are wanted here."""
    ports = [_port_condition(end.switch, end.port) for end in wanted.ends.values()]
    if not ports:
        return []
    states = LinkState.objects.filter(reduce(or_, ports))
    return list(states.values_list("node_id", flat=True).distinct()[:MOST])


def _owners(
    node: Node, plans: Sequence[Plan], seen: Sequence[Neighbour]
) -> set[tuple[str, int | None, str]]:
    """Return rack, unit and serial of those for whom the ports seen here are."""
    found: set[tuple[str, int | None, str]] = set()
    for neighbour in seen:
        for pattern in (pattern for plan in plans for pattern in plan.patterns):
            places = pattern.places(neighbour.switch, neighbour.port, rack=node.rack)
            found |= {(rack, unit, "") for rack, unit in places}
    ports = [_port_condition(one.switch, one.port) for one in seen]
    if ports:
        cables = Cable.objects.filter(reduce(or_, ports))[:MOST]
        found |= {(cable.rack, cable.unit, cable.serial) for cable in cables}
    return set(sorted(found, key=str)[:MOST])


def _port_condition(switch: str, port: str) -> Q:
    return Q(switch_short=short_switch(switch), port_number=port_number(port))


def _interfaces(nodes: Sequence[Node], plans: Sequence[Plan]) -> list[Peer]:
    places = {node.pk: place_of(node) for node in nodes}
    cables = cables_of(places.values())
    states: dict[int, dict[str, LinkState]] = {}
    for state in LinkState.objects.filter(node_id__in=places):
        states.setdefault(state.node_id, {})[state.interface] = state
    peers = []
    for node in nodes:
        place = places[node.pk]
        ends = wanted_of(place, plans, [one for one in cables if is_of(one, place)]).ends
        peers += _of_node(node, place, ends, states.get(node.pk, {}))
    return peers


def _of_node(
    node: Node, place: Place, ends: Mapping[str, End], states: Mapping[str, LinkState]
) -> list[Peer]:
    name = f"node {node.pk} ({str(place) or node.serial or 'place unknown'})"
    return [
        Peer(
            node_id=node.pk,
            name=name,
            interface=interface,
            end=ends.get(interface),
            seen_switch=states[interface].switch if interface in states else "",
            seen_port=states[interface].port if interface in states else "",
        )
        for interface in {**ends, **states}
    ]
