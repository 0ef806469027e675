"""The network devices that the facts ask for, the same for every format."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from profiles import template
from profiles.facts import Address, Facts

BOND = "bond0"
MONITOR_MILLISECONDS = 100  # how often a bond looks at its links' carrier


@dataclass(frozen=True, slots=True)
class Device:
    """A device that carries addresses; `vlan_id` 0 is the link or the bond itself."""

    name: str
    vlan_id: int
    addresses: tuple[Address, ...]

    def of_family(self, family: int) -> tuple[Address, ...]:
        """Return its addresses of family 4 or 6."""
        return tuple(address for address in self.addresses if address.family == family)


def base_name(facts: Facts) -> str:
    """Return the device below all others: the bond, or the only link."""
    return BOND if facts.bond_mode else facts.links[0].name


def devices(facts: Facts) -> list[Device]:
    """Return the base device, with or without addresses, and then the VLANs on it.

    Of each family only the first gateway is kept: there is one default route. Raises ValueError
    where a link has a name that a bond or VLAN will have.
    """
    base = base_name(facts)
    addresses = list(_one_gateway_each(facts.addresses))
    vlans = sorted({address.vlan_id for address in addresses} | {0})
    made = [f"vlan{vlan}" for vlan in vlans if vlan] + [BOND] * bool(facts.bond_mode)
    for link in facts.links:
        if link.name in made:
            raise ValueError(f"A link is called {link.name}, as a bond or a VLAN will be.")
    return [
        Device(
            f"vlan{vlan}" if vlan else base, vlan, tuple(a for a in addresses if a.vlan_id == vlan)
        )
        for vlan in vlans
    ]


def disk_for(body: str, facts: Facts) -> str:
    """Return the disk, without which a body cannot use the block `storage`; raises ValueError."""
    if not facts.disk and template.uses(body, "storage"):
        raise ValueError(
            "The body uses `{{ storage }}`, and Bearman knows no disk of this machine that fits: "
            "name one in its flavor."
        )
    return facts.disk


def _one_gateway_each(addresses: tuple[Address, ...]) -> Iterator[Address]:
    seen: set[int] = set()
    for address in addresses:
        yield replace(address, gateway="") if address.family in seen else address
        if address.gateway:
            seen.add(address.family)
