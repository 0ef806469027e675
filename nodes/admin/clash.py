"""Two machines with one identity, side by side."""

from dataclasses import dataclass

from bearman.pages import NOTHING, exact
from nodes.models import Node

MOST = 24  # parts of a kind that are worth comparing by eye


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that both machines have or lack; values are lines of text."""

    name: str
    ours: list[str]
    theirs: list[str]

    @property
    def same(self) -> bool:
        """True where the two do not differ."""
        return self.ours == self.theirs

    @property
    def common(self) -> set[str]:
        """Return the values that both have, where it is a matter of several."""
        return set(self.ours) & set(self.theirs) - {NOTHING}


def differences(ours: Node, theirs: Node) -> list[Difference]:
    """Compare two nodes that come from `overview.with_parts`, by what tells machines apart."""
    return [
        Difference(name, left, right)
        for (name, left), (_, right) in zip(_facts(ours), _facts(theirs), strict=True)
    ]


def _facts(node: Node) -> list[tuple[str, list[str]]]:
    modules = (module.serial for module in node.memory_modules.all() if module.serial)
    disks = (disk.serial for disk in node.disks.all() if disk.serial)
    links = (link for link in node.links.all() if link.switch)
    return [
        ("UUID", _text(node.uuid)),
        ("Serial", _text(node.serial)),
        ("Board serial", _text(node.board_serial)),
        ("Chassis serial", _text(node.chassis_serial)),
        ("Machine", _text(f"{node.vendor} {node.product_name}".strip())),
        ("MAC addresses", _some([interface.mac for interface in node.interfaces.all()])),
        ("Memory serials", _some(list(modules))),
        ("Disk serials", _some(list(disks))),
        ("Switch ports", _some([f"{link.interface}: {link.switch} {link.port}" for link in links])),
        ("Own address", _text(node.address)),
        ("Zone", _text(node.zone)),
        ("Place", _text(node.place)),
        ("First seen", [exact(node.first_seen)]),
        ("Last seen", [exact(node.last_seen)]),
    ]


def _text(value: object) -> list[str]:
    return [str(value) if value else NOTHING]


def _some(values: list[str]) -> list[str]:
    more = [f"and {len(values) - MOST} more"] if len(values) > MOST else []
    return [*values[:MOST], *more] or [NOTHING]
