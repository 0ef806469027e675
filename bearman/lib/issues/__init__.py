"""The catalogue of everything that Bearman finds or fails at, by stable code."""

from bearman.lib.issues import (
    addresses,
    bmc,
    boot,
    deployment,
    expected,
    firmware,
    identity,
    images,
    registration,
    storage,
    wiring,
)
from bearman.lib.issues.issue import ORDER, Found, Issue, Severity

__all__ = ["AREAS", "CATALOGUE", "ORDER", "Found", "Issue", "Severity", "issue_or_none"]

# In the order of the documentation: the title of each area, and its entries.
AREAS: dict[str, tuple[Issue, ...]] = {
    module.TITLE: tuple(value for value in vars(module).values() if isinstance(value, Issue))
    for module in (
        registration,
        expected,
        wiring,
        firmware,
        identity,
        addresses,
        bmc,
        boot,
        deployment,
        images,
        storage,
    )
}

CATALOGUE: dict[str, Issue] = {issue.code: issue for area in AREAS.values() for issue in area}


def issue_or_none(code: str) -> Issue | None:
    """Return the entry with this code; None for one that the catalogue does not have."""
    return CATALOGUE.get(code)
