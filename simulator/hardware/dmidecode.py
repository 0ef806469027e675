"""Prints what `dmidecode` would: the format of its version 3.5 and the SMBIOS 3.6 structures."""

from collections.abc import Iterator
from dataclasses import dataclass

from simulator.hardware import dmi_memory, dmi_words
from simulator.hardware.identity import Identity

CHASSIS_HANDLE = 0x0003
MEMORY_HANDLE = 0x0020
CACHE_HANDLE = 0x0700


@dataclass(frozen=True, slots=True)
class Structure:
    """One SMBIOS structure: its type, the length of its formatted area and the lines below."""

    handle: int
    type: int
    length: int
    lines: tuple[str, ...]

    def text(self) -> str:
        """The structure as dmidecode prints it, with the empty line after it."""
        head = f"Handle 0x{self.handle:04X}, DMI type {self.type}, {self.length} bytes"
        return "\n".join((head, *self.lines, "", ""))


def bios_only(identity: Identity) -> bytes:
    """Output of `dmidecode -t bios` on the machine, its first structure."""
    return (_head(identity) + "\n" + next(_structures(identity)).text()).encode()


def _head(identity: Identity) -> str:
    smbios = f"SMBIOS {identity.model.smbios} present.\n"
    return f"# dmidecode 3.5\nGetting SMBIOS data from sysfs.\n{smbios}"


def dmidecode(identity: Identity) -> bytes:
    """Output of `dmidecode` on the machine."""
    structures = list(_structures(identity))
    size = sum(s.length + sum(map(len, s.lines)) // 2 for s in structures)
    head = (
        f"{_head(identity)}"
        f"{len(structures)} structures occupying {size} bytes.\n"
        "Table at 0x000E8D80.\n\n"
    )
    return (head + "".join(s.text() for s in structures)).encode()


def _structures(identity: Identity) -> Iterator[Structure]:
    yield Structure(0x0000, 0, 26, tuple(_bios(identity)))
    yield Structure(0x0001, 1, 27, tuple(_system(identity)))
    yield Structure(0x0002, 2, 15, tuple(_board(identity)))
    yield Structure(CHASSIS_HANDLE, 3, 22, tuple(_chassis(identity)))
    for number in range(len(identity.model.sockets)):
        yield Structure(0x0400 + number, 4, 48, tuple(_processor(identity, number)))
    for handle, kind, length, lines in dmi_memory.structures(identity, MEMORY_HANDLE):
        yield Structure(handle, kind, length, tuple(lines))
    yield Structure(0x0F00, 32, 20, ("System Boot Information", "\tStatus: No errors detected"))
    yield Structure(0x0F01, 38, 18, dmi_words.IPMI_DEVICE)
    yield Structure(0xFEFF, 127, 4, ("End Of Table",))


def _bios(identity: Identity) -> Iterator[str]:
    bios = identity.model.bios
    yield "BIOS Information"
    yield f"\tVendor: {bios['vendor']}"
    yield f"\tVersion: {bios['version']}"
    yield f"\tRelease Date: {bios['date']}"
    yield "\tAddress: 0xF0000"
    yield "\tRuntime Size: 64 kB"
    yield f"\tROM Size: {bios['rom']}"
    yield "\tCharacteristics:"
    yield from (f"\t\t{words}" for words in dmi_words.BIOS_CHARACTERISTICS)
    yield f"\tBIOS Revision: {bios['revision']}"


def _system(identity: Identity) -> Iterator[str]:
    yield "System Information"
    yield f"\tManufacturer: {identity.vendor}"
    yield f"\tProduct Name: {identity.product}"
    yield f"\tVersion: {identity.model.version}"
    yield f"\tSerial Number: {identity.serial}"
    yield f"\tUUID: {dmi_words.UUID_WORDS.get(identity.uuid, identity.uuid)}"
    yield "\tWake-up Type: Power Switch"
    yield f"\tSKU Number: {identity.model.sku}"
    yield f"\tFamily: {identity.model.family}"


def _board(identity: Identity) -> Iterator[str]:
    board = identity.model.board
    yield "Base Board Information"
    yield f"\tManufacturer: {identity.vendor}"
    yield f"\tProduct Name: {board['product']}"
    yield f"\tVersion: {board['version']}"
    yield f"\tSerial Number: {identity.board_serial}"
    yield "\tAsset Tag: Not Specified"
    yield "\tFeatures:"
    yield "\t\tBoard is a hosting board"
    yield "\t\tBoard is replaceable"
    yield "\tLocation In Chassis: Not Specified"
    yield f"\tChassis Handle: 0x{CHASSIS_HANDLE:04X}"
    yield "\tType: Motherboard"
    yield "\tContained Object Handles: 0"


def _chassis(identity: Identity) -> Iterator[str]:
    chassis = identity.model.chassis
    yield "Chassis Information"
    yield f"\tManufacturer: {identity.vendor}"
    yield f"\tType: {chassis['type']}"
    yield "\tLock: Not Present"
    yield "\tVersion: Not Specified"
    yield f"\tSerial Number: {identity.chassis_serial}"
    yield "\tAsset Tag: Not Specified"
    yield "\tBoot-up State: Safe"
    yield "\tPower Supply State: Safe"
    yield "\tThermal State: Safe"
    yield "\tSecurity Status: None"
    yield "\tOEM Information: 0x00000000"
    yield f"\tHeight: {chassis['height']}"
    yield "\tNumber Of Power Cords: 2"
    yield "\tContained Elements: 0"
    yield "\tSKU Number: Not Specified"


def _processor(identity: Identity, number: int) -> Iterator[str]:
    model = identity.model
    yield "Processor Information"
    yield f"\tSocket Designation: {model.sockets[number]}"
    yield "\tType: Central Processor"
    if number >= model.sockets_populated:
        yield from dmi_words.EMPTY_SOCKET
        return
    cpu = model.cpu
    yield f"\tFamily: {cpu.family}"
    yield f"\tManufacturer: {cpu.vendor}"
    yield f"\tID: {cpu.id}"
    yield f"\tSignature: {cpu.signature}"
    yield "\tFlags:"
    yield from (f"\t\t{words}" for words in dmi_words.CPU_FLAGS)
    yield f"\tVersion: {cpu.version}"
    yield f"\tVoltage: {cpu.voltage}"
    yield "\tExternal Clock: 100 MHz"
    yield f"\tMax Speed: {cpu.max_mhz} MHz"
    yield f"\tCurrent Speed: {cpu.mhz} MHz"
    yield "\tStatus: Populated, Enabled"
    yield f"\tUpgrade: {cpu.upgrade}"
    for level in (1, 2, 3):
        yield f"\tL{level} Cache Handle: 0x{CACHE_HANDLE + 3 * number + level - 1:04X}"
    yield from ("\tSerial Number: Not Specified", "\tAsset Tag: UNKNOWN")
    yield "\tPart Number: Not Specified"
    yield f"\tCore Count: {cpu.cores}"
    yield f"\tCore Enabled: {cpu.cores}"
    yield f"\tThread Count: {cpu.threads}"
    yield "\tCharacteristics:"
    yield from (f"\t\t{words}" for words in dmi_words.CPU_CHARACTERISTICS)
