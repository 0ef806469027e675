"""The flavors and zones that a list of expected machines names, and what a wrong name meant."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from nodes.expected.entry import Entry
from nodes.models import AvailabilityZone
from profiles.models import Flavor


@dataclass(frozen=True, slots=True)
class Names:
    """The flavors and zones that there are, by name."""

    flavors: Mapping[str, Flavor]
    zones: Mapping[str, AvailabilityZone]

    def faults(self, entry: Entry) -> Iterator[str]:
        """Yield a sentence for each name that does not exist."""
        if entry.flavor and entry.flavor not in self.flavors:
            yield _unknown("flavor", entry.flavor, self.flavors)
        if entry.zone and entry.zone not in self.zones:
            yield _unknown("zone", entry.zone, self.zones)

    def value(self, entry: Entry, column: str) -> Any:
        """Return what a column of the table gets from an entry."""
        if column == "flavor":
            return self.flavors.get(entry.flavor)
        if column == "zone":
            return self.zones.get(entry.zone)
        if column == "memory":
            return str(entry.memory or "")
        return getattr(entry, column)


def names_now() -> Names:
    """Return those that there are now."""
    return Names(
        {flavor.name: flavor for flavor in Flavor.objects.all()},
        {zone.name: zone for zone in AvailabilityZone.objects.all()},
    )


def _unknown(kind: str, name: str, there: Mapping[str, Any]) -> str:
    close = get_close_matches(name.lower(), [each.lower() for each in there], n=1, cutoff=0.5)
    nearest = next((each for each in there if each.lower() in close), None)
    if nearest:
        hint = f"Is {nearest} meant?"
    elif there:
        hint = f"There is {', '.join(sorted(there)[:10])}."
    else:
        hint = f"There is no {kind} at all yet."
    return f"There is no {kind} {name[:60]!r}. {hint}"
