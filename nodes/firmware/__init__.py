"""What firmware a machine has, and how its versions compare; pure functions over hostile text."""

from nodes.firmware.comparators import COMPARATORS, Comparator
from nodes.firmware.components import Component, ComponentKind, DiskFacts, NicFacts, components_of
from nodes.firmware.mc_info import parse_mc_info
from nodes.firmware.readings import ReadWith, read_back
from nodes.firmware.rules import Rule, Standing
from nodes.firmware.versions import Version, compare

__all__ = [
    "COMPARATORS",
    "Comparator",
    "Component",
    "ComponentKind",
    "DiskFacts",
    "NicFacts",
    "ReadWith",
    "Rule",
    "Standing",
    "Version",
    "compare",
    "components_of",
    "parse_mc_info",
    "read_back",
]
