"""Which machines stand in the rack: identities from the catalogue, faults spread among them."""

import random
from dataclasses import dataclass, field

from simulator.fault import Fault
from simulator.faults import FAULTS
from simulator.hardware.identity import Identity, IdentityFactory

TWIN_FAULT = "duplicate-uuid"


@dataclass(frozen=True, slots=True)
class FleetPlan:
    """What to simulate.

    `faults` is how many of each name, `concurrency` how many machines boot at a time, `boot_delay`
    the seconds from and to that firmware takes. With `fetches` also light machines and firmware
    download kernel and initramfs of what they boot; kexec.sh always does.
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

    def __post_init__(self) -> None:
        """Raise ValueError for a plan that cannot be."""
        broken = sum(self.faults.values())
        if self.nodes < 1 or self.concurrency < 1:
            raise ValueError("There must be one node at least, and one at a time.")
        if broken > self.nodes:
            raise ValueError(f"{broken} faults are more than the {self.nodes} nodes.")
        if self.faults.get(TWIN_FAULT) and broken == self.nodes:
            raise ValueError(f"The fault {TWIN_FAULT} needs a healthy machine beside it.")


@dataclass(frozen=True, slots=True)
class Place:
    """One machine of the line-up; `twin` is the number of the machine whose UUID it has."""

    identity: Identity
    fault: Fault | None = None
    twin: int | None = None


def line_up(plan: FleetPlan) -> list[Place]:
    """The machines of a plan; the same plan gives the same machines."""
    factory = IdentityFactory(plan.seed)
    identities = [factory.make() for _ in range(plan.nodes)]
    chance = random.Random(plan.seed)
    names = [name for name, count in plan.faults.items() for _ in range(count)]
    broken = dict(zip(chance.sample(range(plan.nodes), len(names)), names, strict=True))
    healthy = [number for number in range(plan.nodes) if number not in broken]
    places = []
    for number, own in enumerate(identities):
        fault = FAULTS[broken[number]] if number in broken else None
        twin = chance.choice(healthy) if fault and fault.name == TWIN_FAULT else None
        other = identities[number if twin is None else twin]
        places.append(Place(fault.identity(own, other) if fault else own, fault, twin))
    return places
