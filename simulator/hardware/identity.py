"""Who a simulated machine is: its model with serial numbers, MAC addresses and a UUID."""

import itertools
import random
import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from simulator.hardware.catalogue import Card, Disk, Model, Nic, models
from simulator.plain import one_line

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # no I and no O: vendors avoid what looks like a digit
ALPHABETS = {
    "#": string.digits,
    "@": LETTERS,
    "*": string.digits + LETTERS,
    "%": string.digits + "ABCDEF",
}
UPLINKS = 2  # a server is cabled to two switches; its other ports are dark
PORTS_A_BLOCK = 16  # MAC addresses that one machine takes, in a row, as on a real board


@dataclass(frozen=True, slots=True)
class Port:
    """A network interface as Linux sees it."""

    name: str
    mac: str
    bus: str
    nic: Nic

    @property
    def card(self) -> str:
        """The address of its card on the PCI bus."""
        return self.bus.rpartition(".")[0]

    def answers_to(self, device: str) -> bool:
        """Whether a tool that names this device means it: by name, or by address on the bus."""
        return device in (self.name, self.bus, self.bus.removeprefix("0000:"))


@dataclass(frozen=True, slots=True)
class DiskUnit:
    """One disk of a machine; `wwn` as lsblk prints it."""

    name: str
    serial: str
    wwn: str
    disk: Disk


@dataclass(frozen=True, slots=True)
class Identity:
    """One machine. `uuid` is as firmware shows it, lower case, and need not be unique.

    `dead_slots` are memory slots whose module does not answer, counted from 0.
    """

    model: Model
    vendor: str
    product: str
    serial: str
    board_serial: str
    chassis_serial: str
    uuid: str
    dimm_serials: tuple[str, ...]
    ports: tuple[Port, ...]
    disks: tuple[DiskUnit, ...]
    bmc_mac: str
    dead_slots: frozenset[int] = frozenset()

    @property
    def uplinks(self) -> tuple[Port, ...]:
        """The two ports that are cabled: those of its fastest card."""
        pairs = (card for card in self.model.cards if len(card.names) >= UPLINKS)
        fastest = max(pairs, key=lambda card: card.nic.mbps)
        return tuple(port for port in self.ports if port.name in fastest.names[:UPLINKS])

    @property
    def memory_mib(self) -> int:
        """The memory that its firmware finds, in MiB."""
        modules = self.model.slots_populated - len(self.dead_slots)
        return modules * self.model.dimm.size_mib

    @property
    def label(self) -> str:
        """Short words for people, on one line."""
        return one_line(f"{self.vendor.split()[0]} {self.product} {self.serial}", 60)


class IdentityFactory:
    """Draws machines that share nothing; the same seed gives the same machines in order.

    With `names` only models of these names.
    """

    def __init__(self, seed: int, names: Sequence[str] = ()) -> None:
        self._models = [model for model in models() if not names or model.name in names]
        self._random = random.Random(seed)
        self._taken: set[str] = set()
        self._order: list[Model] = []

    def make(self) -> Identity:
        """The next machine."""
        model = self._next_model()
        serial = self._unique(model.serial)
        macs = iter(self._mac_block(model.cards[0]))
        ports = tuple(port for card in model.cards for port in self._ports(card, macs))
        return Identity(
            model=model,
            vendor=model.vendor,
            product=model.name,
            serial=serial,
            board_serial=self._unique(model.board["serial"].replace("{serial}", serial)),
            chassis_serial=self._unique(model.chassis["serial"].replace("{serial}", serial)),
            uuid=self._uuid(model, serial, ports),
            dimm_serials=tuple(
                self._unique(model.dimm.serial) for _ in range(model.slots_populated)
            ),
            ports=ports,
            disks=tuple(self._disks(model)),
            bmc_mac=next(macs),
        )

    def _next_model(self) -> Model:
        """Each model comes once before any comes twice: a small fleet shows many."""
        if not self._order:
            self._order = self._random.sample(self._models, len(self._models))
        return self._order.pop()

    def _unique(self, pattern: str) -> str:
        """A serial number after a pattern; one without variable places is the same for all."""
        if not any(place in ALPHABETS for place in pattern):
            return pattern
        while True:
            text = "".join(self._random.choice(ALPHABETS.get(p, p)) for p in pattern)
            if text not in self._taken:
                self._taken.add(text)
                return text

    def _mac_block(self, card: Card) -> list[str]:
        """MAC addresses in a row, of one vendor (IEEE 802-2014 section 8.2.2: 24 bits each)."""
        oui = card.oui or self._random.choice(card.nic.ouis)
        while True:
            first = self._random.randrange(0, 1 << 24, PORTS_A_BLOCK)
            if f"{oui} {first}" not in self._taken:
                self._taken.add(f"{oui} {first}")
                break
        numbers = (first + offset for offset in range(PORTS_A_BLOCK))
        return [f"{oui}:{number.to_bytes(3).hex(':')}" for number in numbers]

    def _ports(self, card: Card, macs: Iterator[str]) -> list[Port]:
        return [
            Port(name, next(macs), f"{card.bus}.{function}", card.nic)
            for function, name in enumerate(card.names)
        ]

    def _disks(self, model: Model) -> list[DiskUnit]:
        """Disks in the kernel's order: SCSI and SATA by letter, NVMe by number."""
        names = {
            True: (f"nvme{number}n1" for number in itertools.count()),
            False: (f"sd{letter}" for letter in string.ascii_lowercase),
        }
        return [
            DiskUnit(
                next(names[disk.transport == "nvme"]),
                self._unique(disk.serial),
                self._wwn(disk),
                disk,
            )
            for disk, count in model.disks
            for _ in range(count)
        ]

    def _wwn(self, disk: Disk) -> str:
        """NAA 5 for SAS and SATA (SPC-4 section 7.8.6.6), EUI-64 for NVMe."""
        if disk.transport == "nvme":
            return f"eui.{self._random.getrandbits(64):016x}"
        return f"0x5{self._random.getrandbits(60):015x}"

    def _uuid(self, model: Model, serial: str, ports: tuple[Port, ...]) -> str:
        match model.uuid:
            case "dell":
                return dell_uuid(serial)
            case "hpe":
                return hpe_uuid(model.sku, serial)
            case "mac":
                return "00000000-0000-0000-0000-" + ports[0].mac.replace(":", "")
        return str(UUID(int=self._random.getrandbits(128), version=4))


def dell_uuid(tag: str) -> str:
    """Dell's UUID of a service tag of seven characters: `DELL`, the tag in ASCII, and filling."""
    one, two, three, four, *rest = tag.encode("ascii")
    tail = bytes([four | 0x80, 0xC0, 0x4F, *rest]).hex()
    return f"4c4c4544-00{one:02x}-{two:02x}10-80{three:02x}-{tail}"


def hpe_uuid(sku: str, serial: str) -> str:
    """HPE's UUID: six characters of the product number and the serial number in ASCII."""
    return str(UUID(bytes_le=(sku[:6] + serial[:10]).encode("ascii")))
