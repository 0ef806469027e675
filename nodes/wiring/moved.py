"""Cables that lead elsewhere than planned: each cause is told once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bearman.lib.issues import Found
from bearman.lib.issues import wiring as issues
from nodes.wiring.case import Case, listed
from nodes.wiring.lldp import Neighbour
from nodes.wiring.names import same_switch
from nodes.wiring.plan import End
from nodes.wiring.readings import is_at


@dataclass(frozen=True, slots=True)
class Moved:
    """An interface that is on another port than planned."""

    interface: str
    end: End
    neighbour: Neighbour


def moved_cables(case: Case, moved: Mapping[str, Moved], right: Mapping[str, Neighbour]) -> None:
    """Tell of all cables in `moved`; `right` are the neighbours of those that are as planned."""
    told: set[str] = set()
    for circle in _circles(moved):
        told.update(circle)
        case.found.append(_swapped(case, [moved[name] for name in circle]))
    for name, one in moved.items():
        found = None if name in told else _swapped_with_other(case, one)
        if found:
            told.add(name)
            case.found.append(found)
    rest = {name: one for name, one in moved.items() if name not in told}
    gathered = _on_one_switch({**right, **{n: one.neighbour for n, one in moved.items()}}, rest)
    if gathered:
        case.found.append(_gathered(case, gathered))
    case.found += [_wrong(case, one) for one in rest.values() if one not in gathered]


def _circles(moved: Mapping[str, Moved]) -> Iterator[list[str]]:
    """Yield interfaces that sit in each other's ports: two, or more in a circle."""
    sits_at = {name: _planned_there(one, moved) for name, one in moved.items()}
    seen: set[str] = set()
    for start in moved:
        path: list[str] = []
        name: str | None = start
        while name is not None and name not in seen and name not in path:
            path.append(name)
            name = sits_at[name]
        if name is not None and name in path:
            yield path[path.index(name) :]
        seen.update(path)


def _planned_there(one: Moved, moved: Mapping[str, Moved]) -> str | None:
    others = (name for name, other in moved.items() if is_at(one.neighbour, other.end))
    return next((name for name in others if name != one.interface), None)


def _swapped(case: Case, circle: list[Moved]) -> Found:
    names = listed(one.interface for one in circle)
    now = "; ".join(f"{one.interface} is on {one.neighbour}, not on {one.end}" for one in circle)
    words = f"{case.at(names)} are swapped: {now}."
    advice = f"Swap the cables of {names} at the machine."
    if len(circle) > 2:
        words = f"{case.at(names)} sit in each other's ports: {now}."
        advice = f"Put the cables of {names} in the right order at the machine."
    return Found(issues.SWAPPED, ", ".join(one.interface for one in circle), words, advice)


def _swapped_with_other(case: Case, one: Moved) -> Found | None:
    for peer in case.peers:
        if peer.sits_at(one.end) and peer.belongs_to(one.neighbour.switch, one.neighbour.port):
            words = (
                f"{case.at(one.interface)} is on {one.neighbour}, which is the port of {peer}; "
                f"that one was seen on {one.end}, where this one belongs ({one.end.source})."
            )
            advice = (
                f"Swap with {peer}: change the two cables over at {one.end} and {one.neighbour}, "
                "then register both machines again."
            )
            return Found(issues.SWAPPED_WITH_OTHER, one.interface, words, advice)
    return None


def _on_one_switch(links: Mapping[str, Neighbour], rest: Mapping[str, Moved]) -> list[Moved]:
    """Return cables that belong on other switches where all links lead to one and the same."""
    switch = next((neighbour.switch for neighbour in links.values()), "")
    if len(links) < 2 or not all(same_switch(one.switch, switch) for one in links.values()):
        return []
    strays = [one for one in rest.values() if not same_switch(one.end.switch, switch)]
    return strays if len(strays) < len(links) else []


def _gathered(case: Case, strays: list[Moved]) -> Found:
    switch = strays[0].neighbour.switch
    now = "; ".join(
        f"{one.interface} is on {one.neighbour}, but {one.end.source} says {one.end}"
        for one in strays
    )
    words = f"{case.machine} has all its links on {switch}: {now}."
    subject = ", ".join(one.interface for one in strays)
    return Found(issues.ONE_SWITCH, subject, words, " ".join(map(_move, strays)))


def _wrong(case: Case, one: Moved) -> Found:
    wrong_port = same_switch(one.neighbour.switch, one.end.switch) or same_switch(
        one.neighbour.chassis, one.end.switch
    )
    words = (
        f"{case.at(one.interface)} is on {one.neighbour}; {one.end.source} says {one.end}."
        f"{_whose(case, one)}"
    )
    owner, advice = case.owner(one.neighbour), _move(one)
    if owner:
        advice += f" If {owner} is on {one.end}, the two are swapped."
    issue = issues.WRONG_PORT if wrong_port else issues.WRONG_SWITCH
    return Found(issue, one.interface, words, advice)


def _whose(case: Case, one: Moved) -> str:
    """Say whose port it sits in, and who sits in its own."""
    ours = [
        name
        for name, end in case.wanted.ends.items()
        if name != one.interface and is_at(one.neighbour, end)
    ]
    owner, occupant = case.owner(one.neighbour), case.occupant(one.end)
    whose = ours[0] if ours else str(owner) if owner else ""
    words = f" That port is for {whose}." if whose else ""
    return f"{words} {occupant} was seen on {one.end} last." if occupant else words


def _move(one: Moved) -> str:
    return (
        f"Move the far end of the cable of {one.interface} from {one.neighbour} to {one.end}, or "
        "mend the plan."
    )
