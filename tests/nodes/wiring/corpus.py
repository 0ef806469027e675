"""The corpus: faults and combinations of them, and how many were caught.

`python -m tests.nodes.wiring.corpus` prints the table for docs/wiring.md.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, combinations, product

from bearman.lib.issues import Found
from nodes.wiring.compare import compare
from nodes.wiring.pattern import parse_patterns
from nodes.wiring.plan import End, Wanted
from nodes.wiring.readings import readings_of
from tests.nodes.wiring.fabric import (
    INTERFACES,
    MEDIA,
    MTU,
    PATTERNS,
    STYLES,
    VLAN,
    Machine,
    machine_at,
    machines,
)
from tests.nodes.wiring.faults import ALONE, ON_MORE, ON_ONE, Expected, Fault
from tests.nodes.wiring.outputs import raw_wiring

SEED = 20260


@dataclass
class Tally:
    """What came of it, by the name of the fault."""

    tried: Counter[str] = field(default_factory=Counter)
    caught: Counter[str] = field(default_factory=Counter)
    machines: int = 0
    sound: int = 0
    false_alarms: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    def note(self, expected: Sequence[tuple[Fault, Expected]], found: Sequence[Found]) -> None:
        """Count one machine: each fault caught with its code, place and names, and nothing else."""
        self.machines += 1
        self.sound += not expected
        rest = {(each.issue.code, each.subject): each for each in found}
        for fault, (code, subject, names) in expected:
            self.tried[fault.name] += 1
            each = rest.pop((code, subject), None)
            absent = [name for name in names if each is None or name not in each.message]
            if each is None or absent:
                words = "; ".join(f"{one.issue.code} {one.message}" for one in found)
                self.missed.append(f"{fault.name} on {subject}: {absent} not in: {words}")
            else:
                self.caught[fault.name] += 1
        beside = " + ".join(fault.name for fault, _ in expected) or "a sound machine"
        self.false_alarms += [f"{beside}: {one.issue.code} {one.message}" for one in rest.values()]

    def __str__(self) -> str:
        return (
            f"{self.machines} machines ({self.sound} sound): {self.tried.total()} faults tried, "
            f"{self.caught.total()} caught, {len(self.false_alarms)} false alarms"
        )


def wanted(machine: Machine) -> Wanted:
    """What the plan of the fabric says of a machine."""
    ends: dict[str, End] = {}
    for pattern in parse_patterns(PATTERNS):
        end = pattern.end(rack=machine.rack, unit=machine.unit, source="plan fabric")
        assert end
        ends[pattern.interface] = End(end.switch, end.port, 25, VLAN, MTU, end.source)
    return Wanted(ends, place=f"rack {machine.rack}, unit {machine.unit}")


Hurt = tuple[Machine, list[tuple[Fault, Expected]]]


def hurt_alone(rng: random.Random) -> Iterator[Hurt]:
    """Each fault on each interface, medium and kind of switch."""
    for style, medium, fault in product(STYLES, MEDIA, (*ON_ONE, *ON_MORE, *ALONE)):
        if medium in fault.media:
            for name in INTERFACES if fault in ON_ONE else INTERFACES[:1]:
                machine = machine_at("r3", rng.randint(1, 40), style, medium)
                yield machine, [(fault, fault.hurt(machine, name, rng))]


def each_once(rng: random.Random) -> Iterator[Hurt]:
    """Each fault once."""
    for fault in (*ON_ONE, *ON_MORE, *ALONE):
        machine = machine_at("r3", rng.randint(1, 40), rng.choice(STYLES), fault.media[0])
        yield machine, [(fault, fault.hurt(machine, "eno1", rng))]


def hurt_together(rng: random.Random) -> Iterator[Hurt]:
    """Pairs of faults, and three or four of them, on different interfaces of one machine."""
    for medium in MEDIA:
        fit = [fault for fault in ON_ONE if medium in fault.media]
        for one, other in combinations(fit, 2):
            yield _combined(rng, medium, [(one, "eno1"), (other, "ens1f0")])
        for one in fit:
            for more in ON_MORE:
                yield _combined(rng, medium, [(one, "eno1"), (more, "")])
        for _ in range(400):
            names = rng.sample(INTERFACES, rng.choice((3, 4)))
            yield _combined(rng, medium, [(rng.choice(fit), name) for name in names])


def _combined(rng: random.Random, medium: str, faults: Sequence[tuple[Fault, str]]) -> Hurt:
    machine = machine_at("r3", rng.randint(1, 40), rng.choice(STYLES), medium)
    return machine, [(fault, fault.hurt(machine, name, rng)) for fault, name in faults]


def run(seed: int = SEED) -> Tally:
    """Compare all of them, through the texts of the programs."""
    rng, tally = random.Random(seed), Tally()
    for machine in machines(rng, racks=25, units=40):
        tally.note([], found_on(machine, rng))
    for machine, expected in chain(hurt_alone(rng), hurt_together(rng)):
        tally.note(expected, found_on(machine, rng))
    return tally


def found_on(machine: Machine, rng: random.Random) -> list[Found]:
    """What the comparison finds on a machine."""
    return compare(readings_of(raw_wiring(machine, rng)), wanted(machine))


def main() -> None:
    """Print the table."""
    tally = run()
    print("| fault | code | tried | caught |\n|---|---|---:|---:|")
    for fault in (*ON_ONE, *ON_MORE, *ALONE):
        tried, caught = tally.tried[fault.name], tally.caught[fault.name]
        print(f"| {fault.name} | {fault.code} | {tried} | {caught} |")
    print(f"\n{tally}.")
    for words in [*tally.missed[:10], *tally.false_alarms[:10]]:
        print(words)


if __name__ == "__main__":
    main()
