"""A version in comparable form, and the comparison, which may have no answer."""

import re
from dataclasses import dataclass
from typing import Final

_MONTHS, _DAYS = 12, 31
_PARTS: Final = re.compile(r"[.]")


@dataclass(frozen=True, slots=True)
class Version:
    """A version: only those of one series have an order, and `rest` tells equal ones apart."""

    series: str
    order: tuple[int, ...]
    rest: str = ""


def compare(one: Version, other: Version) -> int | None:
    """Return -1, 0 or 1 as `one` is older than, equal to or newer than `other`; None: nobody knows.

    It is a strict partial order: what it does not know never contradicts what it knows.
    """
    if one.series != other.series:
        return None
    if one.order != other.order:
        return -1 if one.order < other.order else 1
    return 0 if one.rest == other.rest else None


def version_of(match: re.Match[str]) -> Version | None:
    """Return the version in the named groups of a match; None for a date that cannot be.

    `series` and `rest` are taken as text in upper case, `numbers` as decimals with dots between,
    `hex` as one hexadecimal number, `letter` as a to z after none; `year`, `month` and `day`
    are a date.
    """
    found = {name: value or "" for name, value in match.groupdict().items()}
    order = [int(part) for part in _PARTS.split(found.get("numbers", "")) if part]
    if "hex" in found:
        order.append(int(found["hex"], 16))
    if "letter" in found:
        order.append(ord(found["letter"].lower()) if found["letter"] else 0)
    if "year" in found:
        date = [int(found[name]) for name in ("year", "month", "day")]
        if not (1 <= date[1] <= _MONTHS and 1 <= date[2] <= _DAYS):
            return None
        order += date
    return Version(found.get("series", "").upper(), _shortest(order), found.get("rest", "").upper())


def _shortest(order: list[int]) -> tuple[int, ...]:
    """Return the numbers without zeros at the end: 2.10 and 2.10.0 are one version."""
    while order and order[-1] == 0:
        order.pop()
    return tuple(order)
