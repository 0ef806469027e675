"""Compares the links of a machine with what they must have in common."""

from collections.abc import Mapping, Sequence

from bearman.lib.issues import Found
from bearman.lib.issues import wiring as issues
from nodes.wiring.case import Case, listed
from nodes.wiring.lldp import Neighbour
from nodes.wiring.module import Presence
from nodes.wiring.names import port_number, same_switch
from nodes.wiring.physical import no_link
from nodes.wiring.plan import End, Rules
from nodes.wiring.readings import Reading

Links = Mapping[str, Neighbour]


def check_rules(case: Case, rules: Rules) -> None:
    """Compare the interfaces that the rules are about and that have no end of their own."""
    about = [
        reading
        for reading in case.readings.interfaces.values()
        if reading.counts and rules.about(reading.name) and reading.name not in case.wanted.ends
    ]
    up = [reading for reading in about if reading.is_up]
    if "ip link" not in case.readings.unreadable:
        _count(case, rules, up, [reading for reading in about if not reading.is_up])
    neighbours: dict[str, Neighbour] = {}
    for reading in up:
        neighbour = reading.neighbour()
        if neighbour:
            neighbours[reading.name] = neighbour
        if _says_too_little(rules, neighbour) and "lldpcli" not in case.readings.unreadable:
            case.no_lldp(reading, None)
        end = End("", "", rules.speed, rules.vlan, rules.mtu, rules.source)
        case.check_link(reading, neighbour, end)
    if neighbours:
        _compare(case, rules, {**_planned(case, rules), **neighbours})


def _says_too_little(rules: Rules, neighbour: Neighbour | None) -> bool:
    """Say whether the rules ask for a neighbour, or for its switch, that nothing names."""
    if neighbour is None:
        return bool(rules.switches or rules.same_port or rules.vlan or rules.mtu)
    return bool(rules.switches) and not neighbour.switch


def _planned(case: Case, rules: Rules) -> Links:
    """Return the neighbours of interfaces that have ends of their own, too."""
    found: dict[str, Neighbour] = {}
    for name, end in case.wanted.ends.items():
        reading = case.readings.interfaces.get(name)
        neighbour = reading.neighbour(end) if reading and rules.about(name) else None
        if neighbour:
            found[name] = neighbour
    return found


def _count(case: Case, rules: Rules, up: Sequence[Reading], down: Sequence[Reading]) -> None:
    """Tell of links that are missing: by name where it is clear which, else by their number."""
    planned = sum(rules.about(name) for name in case.wanted.ends)  # told of, where they are down
    least = max(rules.links, rules.switches)  # on so many switches there are so many links
    missing = least - planned - len(up)
    if missing <= 0:
        return
    plugged = [reading for reading in down if reading.module.presence is Presence.PRESENT]
    clear = down if len(down) <= missing else plugged[:missing]
    case.found.extend(no_link(case, reading, None) for reading in clear)
    if missing > len(clear):
        rest = [reading.name for reading in down if reading not in clear]
        without = f"; no link on {listed(rest)}" if rest else ""
        names = f" ({listed(reading.name for reading in up)})" if up else ""
        words = (
            f"{case.machine} has {len(up) + planned} links{names}{without}; {rules.source} demands "
            f"{least}."
        )
        case.found.append(Found(issues.TOO_FEW_LINKS, "", words))


def _compare(case: Case, rules: Rules, links: Links) -> None:
    """Compare the links with each other; a nameless switch may be any, and is told of before."""
    switches = _by_switch({name: link for name, link in links.items() if link.switch})
    nameless = sum(not link.switch for link in links.values())
    if len(switches) + nameless < min(rules.switches, len(links)):
        shared = max(switches, key=len)
        words = (
            f"{case.at(listed(shared))} are all on {links[shared[0]].switch}; {rules.source} "
            f"demands {rules.switches} different switches."
        )
        advice = f"Move the cable of {shared[-1]} to another switch."
        case.found.append(Found(issues.ONE_SWITCH, ", ".join(shared), words, advice))
    elif rules.same_port and len(links) > 1:
        _compare_numbers(case, rules, links)


def _by_switch(links: Links) -> list[list[str]]:
    groups: list[list[str]] = []
    for name, neighbour in links.items():
        for group in groups:
            if same_switch(links[group[0]].switch, neighbour.switch):
                group.append(name)
                break
        else:
            groups.append([name])
    return groups


def _compare_numbers(case: Case, rules: Rules, links: Links) -> None:
    numbers = {name: port_number(neighbour.port) for name, neighbour in links.items()}
    case.unsaid.extend(f"the port of {name}" for name, number in numbers.items() if number is None)
    if len(set(numbers.values()) - {None}) > 1:
        where = listed(f"{name} on {neighbour}" for name, neighbour in links.items())
        words = f"{case.machine} has {where}; {rules.source} demands the same port number."
        case.found.append(Found(issues.OTHER_PORT_NUMBER, ", ".join(links), words))
