"""Parses what `lsblk --json` prints."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from nodes.inventory.errors import InventoryError
from nodes.inventory.json_text import load_json, objects, string, whole_number
from nodes.inventory.text import MAX_STRING

_SOURCE: Final = "lsblk"

# Storage nodes have some 100 disks, each twice where two paths lead to it.
MAX_DISKS: Final = 1024

# Disks with their partitions, volumes and loop devices; each costs a step of the walk.
MAX_DEVICES: Final = 16384

# PostgreSQL's bigint, eight times what the kernel's 64-bit count of 512-byte sectors needs today.
_MAX_BYTES: Final = 2**63 - 1

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.!/-]{0,63}")

# lsblk calls these disks too: memory, network and floppy drives, and an eMMC's hidden areas.
_NOT_DISKS = re.compile(r"(?:z?ram|nbd|loop|fd|sr)\d+|mmcblk\d+(?:boot\d+|rpmb)")

# lsblk without --bytes: powers of 1024, one decimal, a comma in some locales.
_SHORT_SIZE = re.compile(r"(\d{1,9})(?:[.,](\d))?([BKMGTPE])")
_POWERS: Final = "BKMGTPE"


@dataclass(frozen=True, slots=True)
class Disk:
    """A whole disk; `transport` is lsblk's TRAN (sata, sas, nvme, usb, ...), `revision` its REV."""

    name: str
    model: str | None
    serial: str | None
    size_bytes: int
    rotational: bool
    transport: str | None
    wwn: str | None
    type: str
    revision: str | None = None


def parse_lsblk(text: str | bytes) -> list[Disk]:
    """Return the disks in the order of `lsblk`, those with a medium only.

    Understands output with and without `--bytes`, and of util-linux before 2.33, which quotes
    numbers and booleans. Raises InventoryError for any other shape or for too many devices.
    """
    document = load_json(_SOURCE, text)
    if not isinstance(document, dict):
        raise InventoryError(f"{_SOURCE}: not an object.")
    disks: dict[str, Disk] = {}
    for device in _walk(document.get("blockdevices")):
        if device.get("type") != "disk":
            continue
        disk = _read_disk(device)
        if disk.size_bytes and not _NOT_DISKS.fullmatch(disk.name):
            disks.setdefault(disk.name, disk)
    if len(disks) > MAX_DISKS:
        raise InventoryError(f"{_SOURCE}: {len(disks)} disks, more than {MAX_DISKS}.")
    return list(disks.values())


def _walk(blockdevices: Any) -> Iterator[dict[str, Any]]:
    # Children too: with --inverse, disks stand below what is on them.
    waiting = objects(_SOURCE, "blockdevices", blockdevices)[::-1]
    for _ in range(MAX_DEVICES):
        if not waiting:
            return
        device = waiting.pop()
        yield device
        children = device.get("children") or []
        waiting.extend(objects(_SOURCE, "children", children)[::-1])
    if waiting:
        raise InventoryError(f"{_SOURCE}: more than {MAX_DEVICES} devices.")


def _read_disk(device: dict[str, Any]) -> Disk:
    name = device.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise InventoryError(f"{_SOURCE}: {str(name)[:64]!r} is not the name of a device.")
    size = _size(device.get("size"))
    if size is None:
        raise InventoryError(f"{_SOURCE}: {name} has no readable size.")
    return Disk(
        name=name,
        model=string(device.get("model"), MAX_STRING),
        serial=string(device.get("serial"), MAX_STRING),
        size_bytes=size,
        rotational=device.get("rota") in (True, "1"),
        transport=string(device.get("tran"), 20),
        wwn=string(device.get("wwn"), MAX_STRING),
        type="disk",
        revision=string(device.get("rev"), MAX_STRING),
    )


def _size(value: Any) -> int | None:
    if value is None:
        return 0  # a drive without a medium, in some versions
    exact = whole_number(value, _MAX_BYTES)
    if exact is not None or not isinstance(value, str):
        return exact
    match = _SHORT_SIZE.fullmatch(value.strip())
    if match is None:
        return None
    tenths = int(match[1]) * 10 + int(match[2] or 0)
    return whole_number(tenths * 1024 ** _POWERS.index(match[3]) // 10, _MAX_BYTES)
