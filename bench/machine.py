"""Full inventories for the registrations: two processors, 16 memory modules, 4 ports, 6 disks."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from uuid import UUID, uuid5

from protos.bearman.v1 import nodes_pb2 as pb
from simulator.hardware import linux
from simulator.hardware.dmidecode import dmidecode
from simulator.hardware.identity import Identity, IdentityFactory

MIN_DIMMS, MIN_PORTS, MIN_DISKS, SOCKETS = 16, 4, 6, 2

# What real servers print besides what a simulated one does: about a third of their text.
_CACHES = range(6)
_SLOTS = range(8)
_PORTS = range(14)
_STRINGS = range(40)


_NAMESPACE = UUID("8f3f2c44-6e0a-4c0b-9d57-2b1f0a7d9e61")


def uuid_of(number: int) -> str:
    """Return the UUID of the machine with that number."""
    return str(uuid5(_NAMESPACE, str(number)))


def token_of(number: int) -> str:
    """Return the boot token of that machine: as long as a real one, but known beforehand."""
    return f"bmb_{number:043d}"


def register_requests(numbers: range) -> list[pb.RegisterRequest]:
    """Return what the machines with these numbers send to register."""
    machines = _full_machines(numbers.start)
    return [_request(replace(next(machines), uuid=uuid_of(number))) for number in numbers]


def _full_machines(seed: int) -> Iterator[Identity]:
    """Yield machines of the simulator's catalogue with everything in them."""
    factory = IdentityFactory(seed)
    while True:
        identity = factory.make()
        if (
            len(identity.dimm_serials) >= MIN_DIMMS
            and len(identity.ports) >= MIN_PORTS
            and len(identity.disks) >= MIN_DISKS
            and len(identity.model.sockets) == SOCKETS
        ):
            yield identity


def _request(identity: Identity) -> pb.RegisterRequest:
    return pb.RegisterRequest(
        uuid=identity.uuid,
        address="127.0.0.1",
        inventory=pb.Inventory(
            dmidecode=dmidecode(identity) + _OTHER_STRUCTURES,
            lsblk=linux.lsblk(identity),
            ip_link=linux.ip_link(identity),
            ethtool=[
                pb.EthtoolInfo(interface=port.name, output=linux.ethtool(port))
                for port in identity.ports
            ],
        ),
    )


def _other_structures() -> Iterator[str]:
    """Yield structures of SMBIOS types 7, 8, 9 and 11, as dmidecode prints them."""
    for number in _CACHES:
        yield _structure(0x0700 + number, 7, 27, "Cache Information", _cache(number))
    for number in _PORTS:
        yield _structure(0x0800 + number, 8, 9, "Port Connector Information", _port(number))
    for number in _SLOTS:
        yield _structure(0x0900 + number, 9, 17, "System Slot Information", _slot(number))
    strings = [f"\tString {number + 1}: {number:04d}[{number:032x}]" for number in _STRINGS]
    yield _structure(0x0B00, 11, 5, "OEM Strings", strings)


def _structure(handle: int, kind: int, length: int, title: str, lines: Sequence[str]) -> str:
    head = f"Handle 0x{handle:04X}, DMI type {kind}, {length} bytes"
    return "\n".join((head, title, *lines, "", ""))


def _cache(number: int) -> list[str]:
    size = ("1536 kB", "20 MB", "24 MB")[number % 3]
    return [
        f"\tSocket Designation: L{number % 3 + 1} Cache",
        f"\tConfiguration: Enabled, Not Socketed, Level {number % 3 + 1}",
        "\tOperational Mode: Write Back",
        "\tLocation: Internal",
        f"\tInstalled Size: {size}",
        f"\tMaximum Size: {size}",
        *("\tSupported SRAM Types:", "\t\tSynchronous"),
        "\tInstalled SRAM Type: Synchronous",
        "\tSpeed: Unknown",
        "\tError Correction Type: Single-bit ECC",
        "\tSystem Type: Unified",
        "\tAssociativity: 16-way Set-associative",
    ]


def _port(number: int) -> list[str]:
    return [
        f"\tInternal Reference Designator: J{number:02d}A1",
        "\tInternal Connector Type: None",
        f"\tExternal Reference Designator: Port {number}",
        "\tExternal Connector Type: Access Bus (USB)",
        "\tPort Type: USB",
    ]


def _slot(number: int) -> list[str]:
    return [
        f"\tDesignation: PCIe Slot {number}",
        "\tType: x16 PCI Express 4",
        "\tCurrent Usage: Available",
        "\tLength: Long",
        f"\tID: {number}",
        *("\tCharacteristics:", "\t\t3.3 V is provided", "\t\tPME signal is supported"),
        f"\tBus Address: 0000:{16 * number:02x}:00.0",
        f"\tData Bus Width: {number}",
        "\tPeer Devices: 0",
    ]


_OTHER_STRUCTURES = "".join(_other_structures()).encode()
