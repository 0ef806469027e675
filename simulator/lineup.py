"""Which machines stand in the rack: identities from the catalogue, faults spread among them."""

import random
from dataclasses import dataclass, field, replace
from pathlib import Path

from simulator.fabric import Stand, cabling, stands
from simulator.fault import Fault, Listing, Needs, Surroundings
from simulator.faults import FAULTS
from simulator.hardware.cable import Cabling
from simulator.hardware.identity import Identity, IdentityFactory
from simulator.listing import listing_of

TWIN_FAULT = "duplicate-uuid"


@dataclass(frozen=True, slots=True)
class FleetPlan:
    """What to simulate.

    `faults` is how many of each name, `concurrency` how many machines boot at a time, `boot_delay`
    the seconds from and to that firmware takes. With `fetches` also light machines and firmware
    download kernel and initramfs of what they boot; kexec.sh always does. With `models` all
    machines are of these, and each rack has only one of them; `first_rack` is the number of the
    first. `given` is what Bearman has been told beforehand; a fault that shows only with more than
    that is expected to pass. `image_key` is the public key that every stage one has; without, it
    boots images whoever made them. `ca` has the certificates that every system of theirs trusts.
    """

    nodes: int
    url: str
    bmc_port: int
    seed: int = 1
    faults: dict[str, int] = field(default_factory=dict)
    light: bool = False
    concurrency: int = 8
    boot_delay: tuple[float, float] = (0.0, 0.0)
    fetches: bool = False
    keep: bool = False
    models: tuple[str, ...] = ()
    first_rack: int = 1
    given: frozenset[Needs] = frozenset()
    image_key: Path | None = None
    ca: Path | None = None

    def __post_init__(self) -> None:
        """Raise ValueError for a plan that cannot be."""
        broken = sum(n * (2 if FAULTS[name].paired else 1) for name, n in self.faults.items())
        if self.nodes < 1 or self.concurrency < 1:
            raise ValueError("There must be one node at least, and one at a time.")
        if broken > self.nodes:
            raise ValueError(f"{broken} faults are more than the {self.nodes} nodes.")
        if self.faults.get(TWIN_FAULT) and broken == self.nodes:
            raise ValueError(f"The fault {TWIN_FAULT} needs a healthy machine beside it.")


@dataclass(frozen=True, slots=True)
class Place:
    """One machine of the line-up, where it stands, and its cables.

    `twin` is the number of the machine whose UUID it has. `listing` is its line in the list of
    expected machines; None for one that nobody expects.
    """

    identity: Identity
    stand: Stand
    cables: Cabling
    fault: Fault | None = None
    twin: int | None = None
    listing: Listing | None = None


def line_up(plan: FleetPlan) -> list[Place]:
    """The machines of a plan; the same plan gives the same machines."""
    factory = IdentityFactory(plan.seed, plan.models)
    identities = [factory.make() for _ in range(plan.nodes)]
    kinds = [identity.model.name if plan.models else "" for identity in identities]
    standing = stands(kinds, plan.first_rack)
    chance = random.Random(plan.seed)
    broken = _spread(plan, identities, chance)
    for number, one in broken.items():
        if not one.suits(identities[number]):
            identities[number] = _suitable(one, factory, plan)
    right = [cabling(*pair) for pair in zip(identities, standing, strict=True)]
    partners = _partners(broken)
    healthy = [number for number in range(plan.nodes) if number not in broken]
    found = []
    for number, (own, stand, cables) in enumerate(zip(identities, standing, right, strict=True)):
        fault = broken.get(number)
        twin = chance.choice(healthy) if fault and fault.name == TWIN_FAULT else None
        place = Place(own, stand, cables, fault, twin, listing_of(own, stand))
        other = identities[number if twin is None else twin]
        neighbour = right[partners.get(number, number)]
        found.append(_broken(place, fault, other, neighbour) if fault else place)
    return found


def _broken(place: Place, fault: Fault, other: Identity, neighbour: Cabling) -> Place:
    """The place with what its fault makes of it."""
    own = place.identity
    listing = listing_of(own, place.stand)
    return replace(
        place,
        identity=fault.identity(own, other),
        cables=fault.cables(place.cables, Surroundings(own, place.stand, neighbour)),
        listing=fault.listing(listing),
    )


def _suitable(fault: Fault, factory: IdentityFactory, plan: FleetPlan) -> Identity:
    """One more machine, which can have this fault; raises ValueError where none of the plan can."""
    others = iter(factory.make, None) if not plan.models else ()
    for identity in others:
        if fault.suits(identity):
            return identity
    raise ValueError(f"No machine of the models {', '.join(plan.models)} can have {fault.name}.")


def _spread(plan: FleetPlan, identities: list[Identity], chance: random.Random) -> dict[int, Fault]:
    """The faults by the number of the machine; those that not every machine can have come first."""
    named = (FAULTS[name] for name, count in plan.faults.items() for _ in range(count))
    given = plan.given - {Needs.KEY} | ({Needs.KEY} if plan.image_key else set())
    faults = [fault.if_given(given) for fault in named]
    faults.sort(key=lambda fault: -fault.paired - sum(not fault.suits(i) for i in identities))
    free = chance.sample(range(plan.nodes), plan.nodes)
    broken: dict[int, Fault] = {}
    for fault in faults:
        free.sort(key=lambda number: not fault.suits(identities[number]))
        broken[free.pop(0)] = fault
        if fault.paired:
            broken[free.pop(0)] = fault
    return broken


def _partners(broken: dict[int, Fault]) -> dict[int, int]:
    """Who is beside whom, of the machines that have a fault in pairs."""
    waiting: dict[str, int] = {}
    found: dict[int, int] = {}
    for number, fault in broken.items():
        if not fault.paired:
            continue
        other = waiting.pop(fault.name, None)
        if other is None:
            waiting[fault.name] = number
        else:
            found |= {number: other, other: number}
    return found
