"""Memory in dmidecode's text: devices, older modules, and whether the sum can be true."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Final

from nodes.inventory.dmi_sections import Section
from nodes.inventory.dmi_types import Dimm, EmptySlot
from nodes.inventory.findings import Findings
from nodes.inventory.placeholders import is_placeholder
from nodes.inventory.units import MAX_DEVICE_BYTES, parse_handle, parse_size, parse_speed

# The largest machines on sale have 128 slots a node; a hostile text could name any number.
MAX_DIMMS: Final = 1024

# SMBIOS 3.7 section 7.18.2: types of memory device that hold firmware, not a program's memory.
_ROM_TYPES: Final = frozenset({"ROM", "Flash", "EEPROM", "FEPROM", "EPROM"})

# SMBIOS 3.7 section 7.17.2: uses of a memory array other than as the system's memory.
_OTHER_USES: Final = frozenset({"Video Memory", "Flash Memory", "Cache Memory"})

# SMBIOS 3.7 section 7.18: the size field ends at 7FFFh, which then stands for a larger module.
# Firmware before SMBIOS 2.7 has no second field for its size; 32 GiB is the least it can be.
_LARGEST_PLAIN_SIZE: Final = 0x7FFF * 2**20
_LEAST_BEYOND: Final = 2**35


def read_memory(
    sections: Mapping[int, Sequence[Section]], findings: Findings
) -> tuple[tuple[Dimm, ...], int | None]:
    """Return the populated slots, and their bytes together or None where nothing tells them."""
    elsewhere = _arrays_of_other_use(sections.get(16, ()))
    mapped = _mapped_bytes(sections.get(19, ()), elsewhere)
    if sections.get(17):
        dimms = _read_devices(sections[17], elsewhere, findings)
    else:
        dimms = _read_modules(sections.get(6, ()), findings)
    total = sum(dimm.size_bytes or 0 for dimm in dimms)
    if not dimms:
        findings.warn("dimms: no populated slot")
    # Mirroring halves what is mapped, and there are holes below 4 GiB; more than that is a lie
    # on one side.
    if mapped and not total <= 2 * mapped <= 4 * total:
        findings.warn(f"memory_bytes: modules of {total} bytes, but {mapped} bytes are mapped")
    return dimms, total or None


def read_empty_slots(sections: Mapping[int, Sequence[Section]]) -> tuple[EmptySlot, ...]:
    """Return the slots for the system's memory that have no module; at most MAX_DIMMS."""
    elsewhere = _arrays_of_other_use(sections.get(16, ()))
    empty = (
        EmptySlot(_label(device.get("Locator")), _label(device.get("Bank Locator")))
        for device in sections.get(17, ())
        if not _is_populated(device) and _is_system_memory(device, elsewhere)
    )
    return tuple(islice(empty, MAX_DIMMS))


def _label(name: str) -> str | None:
    return None if is_placeholder(name) and not name.isdecimal() else name


def _arrays_of_other_use(arrays: Iterable[Section]) -> frozenset[int]:
    return frozenset(
        array.handle
        for array in arrays
        if array.handle is not None and array.get("Use") in _OTHER_USES
    )


def _mapped_bytes(ranges: Iterable[Section], elsewhere: frozenset[int]) -> int:
    return sum(
        parse_size(area.get("Range Size")) or 0
        for area in ranges
        if parse_handle(area.get("Physical Array Handle")) not in elsewhere
    )


def _read_devices(
    devices: Iterable[Section], elsewhere: frozenset[int], findings: Findings
) -> tuple[Dimm, ...]:
    populated = (
        device
        for device in devices
        if _is_populated(device) and _is_system_memory(device, elsewhere)
    )
    chosen = findings.at_most(MAX_DIMMS, "dimms", populated)
    return tuple(_read_device(device, findings) for device in chosen)


def _is_system_memory(device: Section, elsewhere: frozenset[int]) -> bool:
    array = parse_handle(device.get("Array Handle"))
    return device.get("Type") not in _ROM_TYPES and array not in elsewhere


def _is_populated(device: Section) -> bool:
    """Tell whether a module is in the slot.

    SMBIOS 3.7 section 7.18: a size of zero ("No Module Installed") is an empty slot, FFFFh
    ("Unknown") a module of unknown size. Firmware uses the latter for empty slots too, so then
    something else has to speak for a module.
    """
    if "Size: No Module Installed" in device.body:
        return False  # most slots of most machines, without a look at the other lines
    size = device.get("Size")
    if size != "Unknown":
        return bool(parse_size(size))
    named = any(not is_placeholder(device.get(key)) for key in ("Part Number", "Manufacturer"))
    return named or _speed(device) is not None


def _speed(device: Section) -> int | None:
    # What the module can do, else what it is set to (the second has two names, by version).
    return (
        parse_speed(device.get("Speed"))
        or parse_speed(device.get("Configured Memory Speed"))
        or parse_speed(device.get("Configured Clock Speed"))
    )


def _read_device(device: Section, findings: Findings) -> Dimm:
    bank = device.get("Bank Locator")
    slot = device.get("Locator")
    if is_placeholder(slot) and not slot.isdecimal():
        slot = bank
    speed = _speed(device)
    if speed is None:
        findings.warn("dimms: unknown speed")
    return Dimm(
        slot=findings.label("dimms: slot", slot),
        size_bytes=_size(device, findings),
        type=findings.choice("dimms: type", device.get("Type")),
        speed_mts=speed,
        manufacturer=_string(device, "Manufacturer", "manufacturer", findings),
        part_number=_string(device, "Part Number", "part_number", findings),
        serial=_string(device, "Serial Number", "serial", findings),
        bank=None if is_placeholder(bank) else bank,
    )


def _string(device: Section, line: str, key: str, findings: Findings) -> str | None:
    return findings.string(f"dimms: {key}", device.get(line)) if device.has(line) else None


def _size(device: Section, findings: Findings) -> int | None:
    size = parse_size(device.get("Size"))
    if size is None or size > MAX_DEVICE_BYTES:
        findings.warn("dimms: unknown size")
        return None
    if "Non-Volatile" in device.get("Type Detail"):
        findings.warn("memory_bytes: has persistent memory in it")
    if size == _LARGEST_PLAIN_SIZE:
        findings.warn("dimms: size over the firmware's range, taken as 32 GiB")
        return _LEAST_BEYOND
    return size


def _read_modules(modules: Iterable[Section], findings: Findings) -> tuple[Dimm, ...]:
    # Type 6 was replaced by type 17 in SMBIOS 2.1; only the oldest firmware has nothing else.
    populated = (module for module in modules if parse_size(module.get("Installed Size")))
    return tuple(
        Dimm(
            slot=findings.label("dimms: slot", module.get("Socket Designation")),
            size_bytes=parse_size(module.get("Installed Size")),
            type=findings.choice("dimms: type", module.get("Type")),
            speed_mts=None,
            manufacturer=None,
            part_number=None,
            serial=None,
            bank=None,
        )
        for module in findings.at_most(MAX_DIMMS, "dimms", populated)
    )
