"""What a baseline wants of which components, without its row in the database."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fnmatch import fnmatchcase

from nodes.firmware.comparators import COMPARATORS, Comparator
from nodes.firmware.components import Component, ComponentKind
from nodes.firmware.versions import compare


class Standing(StrEnum):
    """How a component's version stands to the wanted one."""

    GOOD = "good"
    BEHIND = "behind"
    NEWER = "newer"
    UNREADABLE = "unreadable"
    UNORDERED = "unordered"


@dataclass(frozen=True, slots=True)
class Rule:
    """Which component of which machines must have which version.

    Patterns are shell patterns without regard to case; `model_pattern` is empty for any. `exact`
    wants this version and no other, else a newer one is as good.
    """

    vendor_pattern: str
    product_pattern: str
    kind: ComponentKind
    model_pattern: str
    comparator: str
    wanted: str
    exact: bool

    @property
    def form(self) -> Comparator:
        """Return the form in which its versions are written."""
        return COMPARATORS[self.comparator]

    def fits(self, vendor: str, product: str) -> bool:
        """Say whether a machine of this vendor and product is meant."""
        return _like(vendor, self.vendor_pattern) and _like(product, self.product_pattern)

    def picks(self, component: Component) -> bool:
        """Say whether a component of such a machine is meant."""
        if component.kind is not self.kind:
            return False
        return not self.model_pattern or any(
            _like(model, self.model_pattern) for model in component.models
        )

    def text(self, version: str, released: date | None) -> str:
        """Return a version as the comparator writes it."""
        return self.form.text(version, released)

    def standing(self, text: str) -> Standing:
        """Return how a version, written as `text` does, stands to the wanted one."""
        found, wanted = self.form.parse(text), self.form.parse(self.wanted)
        if found is None or wanted is None:
            return Standing.UNREADABLE
        order = compare(found, wanted)
        if order is None and not self.form.ordered:
            return Standing.BEHIND  # another text than the one and only
        if order is None:
            return Standing.UNORDERED
        if order < 0:
            return Standing.BEHIND
        return Standing.NEWER if order and self.exact else Standing.GOOD


def _like(text: str, pattern: str) -> bool:
    """Tell whether a pattern is for a text; one that is the text itself is, with any signs."""
    return text.lower() == pattern.lower() or fnmatchcase(text.lower(), pattern.lower())
