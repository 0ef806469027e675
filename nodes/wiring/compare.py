"""Compares what a machine sees of its cables with what is wanted; the heart of the wiring check."""

from collections.abc import Sequence

from bearman.lib.issues import Found
from bearman.lib.issues import wiring as issues
from nodes.wiring.case import Case, listed
from nodes.wiring.lldp import Neighbour
from nodes.wiring.moved import Moved, moved_cables
from nodes.wiring.physical import no_link, weak_light
from nodes.wiring.plan import End, Peer, Wanted
from nodes.wiring.readings import Reading, Readings, is_at
from nodes.wiring.rules import check_rules


def compare(readings: Readings, wanted: Wanted, peers: Sequence[Peer] = ()) -> list[Found]:
    """Return what is wrong with a machine's cables, each cause once.

    `peers` are interfaces of other machines that were seen on the ports wanted here, or that are
    wanted on the ports seen here. Where nothing is wanted, nothing is wrong.
    """
    case = Case(readings, wanted, peers)
    if not wanted.asks:
        return []
    _tell_unreadable(case)
    if wanted.lacking:
        case.found.append(_lacking(case))
    _check_ends(case)
    if wanted.rules is not None:
        check_rules(case, wanted.rules)
    _look_at_all(case)
    if case.unsaid:
        words = f"{case.machine}: nothing tells {listed(case.unsaid)}, which the plan demands."
        case.found.append(Found(issues.UNSAID, "", words))
    return case.found


def _tell_unreadable(case: Case) -> None:
    for program, issue in (
        ("ip link", issues.LINKS_UNREADABLE),
        ("lldpcli", issues.LLDP_UNREADABLE),
    ):
        why = case.readings.unreadable.get(program)
        if why is not None:
            words = f"{case.machine}: what `{program}` said cannot be read ({why[:300]})."
            case.found.append(Found(issue, "", words))


def _lacking(case: Case) -> Found:
    words = (
        f"{case.machine} has no {' and no '.join(case.wanted.lacking)}, and its wiring plan "
        "depends on that; its cables were not all compared."
    )
    return Found(issues.NO_PLACE, "", words)


def _check_ends(case: Case) -> None:
    moved: dict[str, Moved] = {}
    right: dict[str, Neighbour] = {}
    for name, end in case.wanted.ends.items():
        reading = case.readings.interfaces.get(name)
        if reading is None or not reading.is_up:
            _tell_missing(case, name, end, reading)
            continue
        neighbour = reading.neighbour(end)
        if neighbour is None:
            if "lldpcli" not in case.readings.unreadable:
                case.no_lldp(reading, end)
            case.check_link(reading, None, end)
        elif is_at(neighbour, end):
            right[name] = neighbour
            case.check_link(reading, neighbour, end)
        else:
            moved[name] = Moved(name, end, neighbour)
    moved_cables(case, moved, right)


def _tell_missing(case: Case, name: str, end: End, reading: Reading | None) -> None:
    """Tell of an interface without a link, unless nobody can know."""
    if "ip link" in case.readings.unreadable and (reading is None or reading.carrier is None):
        return
    elsewhere = _unplanned_at(case, end)
    if elsewhere:
        case.explained.add(elsewhere.name)
    if reading is None:
        there = f" {elsewhere.name} is on that port." if elsewhere else ""
        words = (
            f"The machine has no {case.at(name)}, which must lead to {end} ({end.source}).{there}"
        )
        case.found.append(Found(issues.NO_INTERFACE, name, words))
    elif elsewhere:
        words = (
            f"{case.at(elsewhere.name)} is on {end}, where {name} belongs ({end.source}); {name} "
            "has no link."
        )
        advice = f"Move this end of the cable from {elsewhere.name} to {name}."
        case.found.append(Found(issues.WRONG_SOCKET, name, words, advice))
    else:
        case.found.append(no_link(case, reading, end))


def _unplanned_at(case: Case, end: End) -> Reading | None:
    """Return an interface on that port that the plan does not name."""
    for reading in case.readings.interfaces.values():
        if reading.name not in case.wanted.ends and reading.is_up:
            neighbour = reading.neighbour(end)
            if neighbour and is_at(neighbour, end):
                return reading
    return None


def _look_at_all(case: Case) -> None:
    """Look at the light of each link that is planned, and at links that are not."""
    wanted, rules = case.wanted, case.wanted.rules
    for reading in case.readings.interfaces.values():
        if not reading.is_up or not reading.counts or reading.name in case.explained:
            continue
        if reading.name in wanted.ends or (rules and rules.about(reading.name)):
            case.check_strangers(reading)
            weak = weak_light(case, reading)
            if weak:
                case.found.append(weak)
        elif not wanted.lacking and not case.readings.unreadable:
            to = f" to {reading.neighbour()}" if reading.neighbours else ""
            words = f"{case.at(reading.name)} has a link{to}, and the plan does not name it."
            case.found.append(Found(issues.NOT_PLANNED, reading.name, words))
