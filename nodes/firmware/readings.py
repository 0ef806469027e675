"""Reads a version back from what the machine's reader printed."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from nodes.firmware.mc_info import parse_mc_info
from nodes.inventory import InventoryError, parse_dmidecode, parse_ethtool_i, parse_lsblk
from nodes.inventory.text import clean, decode

MAX_READING: Final = 64 * 1024  # bytes


class ReadWith(StrEnum):
    """How the version of a component is read on the machine."""

    DMIDECODE = "dmidecode"
    IPMITOOL = "ipmitool"
    ETHTOOL = "ethtool"
    LSBLK = "lsblk"
    TOOL = "tool"


@dataclass(frozen=True, slots=True)
class Reading:
    """A version that was read; empty where there is none in what was printed."""

    version: str
    released: date | None = None


def read_back(*, read_with: ReadWith, reading: bytes, target: str) -> Reading:
    """Return the version in what the reader printed; it never fails."""
    reading = reading[:MAX_READING]
    if read_with is ReadWith.DMIDECODE:
        found = parse_dmidecode(reading)
        return Reading(found.bios_version or "", found.bios_date)
    if read_with is ReadWith.IPMITOOL:
        return Reading(parse_mc_info(reading))
    if read_with is ReadWith.ETHTOOL:
        return Reading(parse_ethtool_i(reading).firmware_version or "")
    if read_with is ReadWith.LSBLK:
        return Reading(_revision(reading, target))
    return Reading(_first_line(reading))


def _revision(reading: bytes, target: str) -> str:
    try:
        disks = parse_lsblk(reading)
    except InventoryError:
        return ""
    named = (disk for disk in disks if disk.name == target)
    return next((disk.revision or "" for disk in named), "")


def _first_line(reading: bytes) -> str:
    lines = (clean(line) for line in decode(reading).splitlines())
    return next((line for line in lines if line), "")
