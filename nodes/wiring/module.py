"""Parses what `ethtool -m NAME` prints of a pluggable module, and what it complains."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from nodes.inventory.text import clean, decode

# A CMIS module with eight lanes and all thresholds has some 250 lines.
_MAX_LINES: Final = 1000
MAX_LANES: Final = 16

# Meters end at 0.1 uW, -40 dBm; without light they show up to -30 dBm of noise. The most sensitive
# receivers on sale need -28 dBm, so nothing below this is light that a receiver could use.
NO_LIGHT_DBM: Final = -30.0
_FLOOR_DBM: Final = -40.0
_MOST_DBM: Final = 20.0

_LINE = re.compile(
    r"(?P<what>laser output power|transmit avg optical power|receiver signal average optical power"
    r"|rcvr signal avg optical power|receiver signal oma|laser rx power)"
    r"(?: (?P<level>(?:high|low) (?:alarm|warning) threshold))?"
    r"\s*(?:\(\s?(?:channel|chan)\s?(?P<lane>[0-9]{1,2})\s?\))?"
)
_DBM = re.compile(r"(-?inf|-?[0-9]{1,3}(?:[.,][0-9]{1,6})?)\s?dBm", re.IGNORECASE)
_MILLIWATT = re.compile(r"([0-9]{1,4}(?:[.,][0-9]{1,6})?)\s?mW")

# SFF-8024 section 4.4: connectors of cables that carry no light; and how ethtool says the same of
# a cable's technology.
_COPPER = re.compile(
    r"0x2[12] \(|copper pigtail|rj45|passive cable|passive copper|copper cable|base-?cr|base-?t\b",
    re.IGNORECASE,
)

# What drivers answer for an empty cage: nothing is there, or nobody answers on its bus.
_ABSENT = re.compile(
    r"no such device|input/output error|remote i/o error|not (?:plugged|inserted|present)"
    r"|no module|no sfp|unplugged|is absent|no medium",
    re.IGNORECASE,
)


class Presence(StrEnum):
    """Whether a module is in the socket."""

    PRESENT = "present"
    ABSENT = "absent"
    UNKNOWN = "unknown"  # no socket, or a driver that cannot read it


@dataclass(frozen=True, slots=True)
class Lane:
    """The light of one lane in dBm; None is what the module does not measure."""

    number: int
    tx_dbm: float | None = None
    rx_dbm: float | None = None

    @property
    def sends(self) -> bool | None:
        """Tell whether its laser sends."""
        return None if self.tx_dbm is None else self.tx_dbm > NO_LIGHT_DBM

    @property
    def sees(self) -> bool | None:
        """Tell whether light comes in."""
        return None if self.rx_dbm is None else self.rx_dbm > NO_LIGHT_DBM


@dataclass(frozen=True, slots=True)
class Module:
    """A pluggable module. `rx_low_dbm` is the least light that it calls good, where it says so."""

    presence: Presence = Presence.UNKNOWN
    kind: str = ""
    vendor: str = ""
    part: str = ""
    copper: bool = False
    lanes: tuple[Lane, ...] = ()
    rx_low_dbm: float | None = None

    def __str__(self) -> str:
        return " ".join(filter(None, (self.kind, self.vendor, self.part)))

    @property
    def tx_dbm(self) -> float | None:
        """Return the weakest light that it sends; a lane that sends none counts if all do so."""
        return _weakest(lane.tx_dbm for lane in self.lanes)

    @property
    def rx_dbm(self) -> float | None:
        """Return the weakest light that it sees, in the same way."""
        return _weakest(lane.rx_dbm for lane in self.lanes)


def _weakest(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    lit = [value for value in known if value > NO_LIGHT_DBM]
    return min(lit or known, default=None)


def parse_module(text: str | bytes, complaint: str | bytes = b"") -> Module:
    """Return what is known of a module from ethtool's output and its complaint; never raises."""
    words = decode(text) if isinstance(text, bytes) else text
    complained = decode(complaint) if isinstance(complaint, bytes) else complaint
    lines = [clean(line) for line in words.split("\n", _MAX_LINES)[:_MAX_LINES]]
    fields = [_split(line) for line in lines if ":" in line]
    first = dict(reversed(fields))
    if "identifier" not in first:
        absent = _ABSENT.search(complained[:1000]) or _ABSENT.search(words[:1000])
        return Module(Presence.ABSENT if absent else Presence.UNKNOWN)
    kind = re.search(r"\(([^()]{1,60})", first["identifier"])
    copper = any(_COPPER.search(value) for key, value in fields if key in _TELLS_COPPER)
    return Module(
        presence=Presence.PRESENT,
        kind=kind[1].split()[0][:20] if kind and kind[1].split() else "",
        vendor=first.get("vendor name", "")[:40],
        part=first.get("vendor pn", "")[:40],
        copper=copper,
        lanes=() if copper else _lanes(fields),
        rx_low_dbm=_threshold(fields),
    )


_TELLS_COPPER: Final = frozenset({"connector", "transceiver type", "transmitter technology"})


def _split(line: str) -> tuple[str, str]:
    key, _, value = line.partition(":")
    return " ".join(key.lower().split()), value.strip()


def _lanes(fields: list[tuple[str, str]]) -> tuple[Lane, ...]:
    sent: dict[int, float] = {}
    seen: dict[int, float] = {}
    for key, value in fields:
        found = _LINE.fullmatch(key)
        level = _dbm(value)
        if found and not found["level"] and level is not None:
            sends = found["what"].startswith(("laser output", "transmit"))
            (sent if sends else seen).setdefault(int(found["lane"] or 1), level)
    numbers = sorted({*sent, *seen})[:MAX_LANES]
    return tuple(Lane(number, sent.get(number), seen.get(number)) for number in numbers)


def _threshold(fields: list[tuple[str, str]]) -> float | None:
    """Return the level of the alarm for too little light, in dBm; one that makes no sense is none.

    The alarm, not the warning: many vendors set warnings at what short links have every day.
    """
    for key, value in fields:
        found = _LINE.fullmatch(key)
        if (
            found
            and found["level"] == "low alarm threshold"
            and found["what"].startswith(("laser rx", "rcvr", "receiver"))
        ):
            level = _dbm(value)
            return level if level is not None and NO_LIGHT_DBM < level < 0 else None
    return None


def _dbm(value: str) -> float | None:
    found = _DBM.search(value)
    if found:
        text = found[1].lower().replace(",", ".")
        level = _FLOOR_DBM if text.endswith("inf") else float(text)
        return max(level, _FLOOR_DBM) if level <= _MOST_DBM else None
    found = _MILLIWATT.search(value)
    if found is None:
        return None
    power = float(found[1].replace(",", "."))
    level = 10 * math.log10(power) if power > 0 else _FLOOR_DBM
    return max(level, _FLOOR_DBM) if level <= _MOST_DBM else None
