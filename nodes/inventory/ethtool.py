"""Parses what `ethtool -i` prints of one interface."""

from dataclasses import dataclass
from typing import Final

from nodes.inventory.text import clean, decode

# The five to ten lines that ethtool prints, and room for what a driver may add.
_MAX_LINES: Final = 50


@dataclass(frozen=True, slots=True)
class EthtoolInfo:
    """The driver behind an interface; None is what it does not say ("N/A")."""

    driver: str | None
    version: str | None
    firmware_version: str | None
    bus_info: str | None


def parse_ethtool_i(text: str | bytes) -> EthtoolInfo:
    """Return what is there; text without any of the lines (an error message) gives only None."""
    if isinstance(text, bytes):
        text = decode(text)
    fields: dict[str, str] = {}
    for line in text.split("\n", _MAX_LINES)[:_MAX_LINES]:
        key, colon, value = line.partition(":")
        if colon:
            fields.setdefault(key.strip(), clean(value))
    return EthtoolInfo(
        driver=_value(fields, "driver"),
        version=_value(fields, "version"),
        firmware_version=_value(fields, "firmware-version"),
        bus_info=_value(fields, "bus-info"),
    )


def _value(fields: dict[str, str], key: str) -> str | None:
    value = fields.get(key, "")
    return None if value in ("", "N/A") else value
