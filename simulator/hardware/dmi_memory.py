"""The memory part of dmidecode's output: SMBIOS types 16, 17 and 19."""

import string
from collections.abc import Iterator

from simulator.hardware.catalogue import Dimm, Model
from simulator.hardware.identity import Identity

# Length of a memory device structure, by the SMBIOS version it came with (3.7 section 7.18).
DEVICE_LENGTHS = ((3, 7, 100), (3, 3, 92), (3, 2, 84), (2, 8, 40))
UNITS = ("MB", "GB", "TB")
BELOW_4G_MIB = 2048  # the usual hole for devices: the rest of the memory lies above 4 GiB
VOLTAGES = {"DDR4": "1.2 V", "DDR5": "1.1 V"}

Lines = Iterator[str]


def structures(identity: Identity, handle: int) -> Iterator[tuple[int, int, int, Lines]]:
    """Handle, type, length and lines of each memory structure; `handle` is the array's."""
    model = identity.model
    yield handle, 16, 23, _array(model)
    length = device_length(model.smbios)
    serials = iter(identity.dimm_serials)
    for slot in range(model.slots):
        serial = next(serials) if is_populated(model, slot) else ""
        if slot in identity.dead_slots:
            serial = ""
        yield handle + 1 + slot, 17, length, _device(model, slot, serial, handle, length)
    above = identity.memory_mib - BELOW_4G_MIB
    for number, (start, size) in enumerate(((0, BELOW_4G_MIB), (4096, above))):
        yield handle + 1 + model.slots + number, 19, 31, _mapped(start, size, handle)


def device_length(smbios: str) -> int:
    """Bytes of a memory device structure in that version of SMBIOS."""
    major, minor = (int(part) for part in smbios.split(".")[:2])
    return next(n for *version, n in DEVICE_LENGTHS if [major, minor] >= version)


def size(mib: int) -> str:
    """A size as dmidecode prints it: in the largest unit that leaves no fraction."""
    unit = 0
    while mib % 1024 == 0 and mib and unit < len(UNITS) - 1:
        mib, unit = mib // 1024, unit + 1
    return f"{mib} {UNITS[unit]}"


def is_populated(model: Model, slot: int) -> bool:
    """Whether the model is sold with a module there, counted from 0.

    Modules are spread evenly over the sockets, in the first slots of each.
    """
    per_bank, filled = model.slots // len(model.banks), model.slots_populated // len(model.banks)
    return slot % per_bank < filled


def _place(model: Model, slot: int) -> dict[str, object]:
    """What a locator may name: counted from 1 (cpu, number, index) and from 0 (node, channel)."""
    bank, inside = divmod(slot, model.slots // len(model.banks))
    return {
        "bank": model.banks[bank],
        "node": bank,
        "cpu": bank + 1,
        "channel": inside,
        "number": inside + 1,
        "index": slot + 1,
        "letter": string.ascii_uppercase[inside],
    }


def _array(model: Model) -> Lines:
    yield "Physical Memory Array"
    yield "\tLocation: System Board Or Motherboard"
    yield "\tUse: System Memory"
    yield "\tError Correction Type: Multi-bit ECC"
    yield f"\tMaximum Capacity: {size(model.slots * 131072)}"
    yield "\tError Information Handle: Not Provided"
    yield f"\tNumber Of Devices: {model.slots}"


def _device(model: Model, slot: int, serial: str, array: int, length: int) -> Lines:
    place = _place(model, slot)
    yield "Memory Device"
    yield f"\tArray Handle: 0x{array:04X}"
    yield "\tError Information Handle: Not Provided"
    yield f"\tTotal Width: {'72 bits' if serial else 'Unknown'}"
    yield f"\tData Width: {'64 bits' if serial else 'Unknown'}"
    yield f"\tSize: {size(model.dimm.size_mib) if serial else 'No Module Installed'}"
    yield f"\tForm Factor: {'DIMM' if serial else 'Unknown'}"
    yield "\tSet: None"
    yield f"\tLocator: {model.locator.format(**place)}"
    yield f"\tBank Locator: {model.bank_locator.format(**place)}"
    yield f"\tType: {model.dimm.type if serial else 'Unknown'}"
    yield f"\tType Detail: {'Synchronous Registered (Buffered)' if serial else 'None'}"
    if serial:
        yield from _module(model.dimm, serial, length)


def _module(dimm: Dimm, serial: str, length: int) -> Lines:
    voltage = VOLTAGES[dimm.type]
    yield f"\tSpeed: {dimm.mts} MT/s"
    yield f"\tManufacturer: {dimm.manufacturer}"
    yield f"\tSerial Number: {serial}"
    yield "\tAsset Tag: Not Specified"
    yield f"\tPart Number: {dimm.part.ljust(20)}"  # 20 bytes in the module's SPD (JEDEC 21-C)
    yield "\tRank: 2"
    yield f"\tConfigured Memory Speed: {dimm.mts} MT/s"
    yield from (f"\t{which} Voltage: {voltage}" for which in ("Minimum", "Maximum", "Configured"))
    if length < 84:
        return
    yield "\tMemory Technology: DRAM"
    yield "\tMemory Operating Mode Capability: Volatile memory"
    yield "\tFirmware Version: Not Specified"
    yield "\tModule Manufacturer ID: Unknown"
    yield "\tModule Product ID: Unknown"
    yield "\tMemory Subsystem Controller Manufacturer ID: Unknown"
    yield "\tMemory Subsystem Controller Product ID: Unknown"
    yield "\tNon-Volatile Size: None"
    yield f"\tVolatile Size: {size(dimm.size_mib)}"
    yield "\tCache Size: None"
    yield "\tLogical Size: None"


def _mapped(start_mib: int, size_mib: int, array: int) -> Lines:
    first, last = start_mib << 20, (start_mib + size_mib << 20) - 1
    yield "Memory Array Mapped Address"
    yield f"\tStarting Address: 0x{first:011X}"
    yield f"\tEnding Address: 0x{last:011X}"
    yield f"\tRange Size: {size(size_mib)}"
    yield f"\tPhysical Array Handle: 0x{array:04X}"
    yield "\tPartition Width: 1"
