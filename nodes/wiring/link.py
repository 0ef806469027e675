"""Parses what `ethtool NAME` prints of the settings of one interface."""

import re
from dataclasses import dataclass
from typing import Final

from nodes.inventory.text import clean, decode

# ethtool prints some 30 lines; a card with every link mode some 80.
_MAX_LINES: Final = 300
_SPEED = re.compile(r"([0-9]{1,7})\s?Mb/s")
_DETECTED = re.compile(r"(yes|no)\b\s*(?:\((.{1,100}?)\))?", re.IGNORECASE)

# What marks a socket for a module: ethtool's names of PORT_FIBRE, PORT_DA, PORT_NONE, PORT_OTHER.
_SOCKETS: Final = frozenset({"fibre", "direct attach copper", "none", "other"})


@dataclass(frozen=True, slots=True)
class Link:
    """The link of an interface; None is what ethtool does not say.

    `detail` is the driver's own word on why there is none, such as `No cable`.
    """

    detected: bool | None = None
    detail: str = ""
    speed_mbps: int | None = None
    port: str = ""

    @property
    def takes_modules(self) -> bool:
        """Tell whether the interface is a socket for modules, as far as the driver says."""
        return self.port.lower() in _SOCKETS


def parse_link(text: str | bytes) -> Link:
    """Return what is there; text of another program or half a text gives what can be told of it."""
    if isinstance(text, bytes):
        text = decode(text)
    fields: dict[str, str] = {}
    for line in text.split("\n", _MAX_LINES)[:_MAX_LINES]:
        key, colon, value = line.partition(":")
        if colon:
            fields.setdefault(key.strip().lower(), clean(value))
    found = _DETECTED.fullmatch(fields.get("link detected", ""))
    speed = _SPEED.fullmatch(fields.get("speed", ""))
    return Link(
        detected=found[1].lower() == "yes" if found else None,
        detail=(found[2] or "") if found else "",
        speed_mbps=int(speed[1]) or None if speed else None,
        port=fields.get("port", "")[:40],
    )
