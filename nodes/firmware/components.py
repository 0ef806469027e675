"""The parts of a machine that have firmware."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby
from typing import Final, NamedTuple

# A PCI address without its function: ports of one adapter share it, and mostly the firmware.
_PCI_DEVICE: Final = re.compile(r"([0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2})\.[0-7]", re.IGNORECASE)
# The make of an adapter as its driver tells it with the version: a Mellanox PSID, a tg3 chip.
_MAKE: Final = re.compile(r"\(([A-Z0-9_]{4,20})\)$|^(?:FFV\S+ bc )?(\d{4}[a-z]?)-v")


class ComponentKind(StrEnum):
    """What has firmware."""

    BIOS = "bios"
    BMC = "bmc"
    NIC = "nic"
    DISK = "disk"


WORDS: Final = {
    ComponentKind.BIOS: "BIOS",
    ComponentKind.BMC: "BMC",
    ComponentKind.NIC: "NIC",
    ComponentKind.DISK: "disk",
}


class NicFacts(NamedTuple):
    """What is known of an interface: `ethtool -i`."""

    name: str
    driver: str
    firmware: str
    bus: str


class DiskFacts(NamedTuple):
    """What is known of a disk: lsblk."""

    name: str
    model: str
    revision: str


@dataclass(frozen=True, slots=True)
class Component:
    """One part with firmware; `target` is its name in stage one, empty for BIOS and BMC.

    `models` are the names by which a baseline may mean it; `version` is empty where it is unknown.
    """

    kind: ComponentKind
    target: str
    title: str
    models: tuple[str, ...]
    version: str
    released: date | None = None

    @property
    def subject(self) -> str:
        """Return its place in a few words, such as `NIC eno1`."""
        return f"{WORDS[self.kind]} {self.target}".strip()


def components_of(
    *,
    bios_version: str,
    bios_date: date | None,
    bmc_version: str,
    nics: Iterable[NicFacts],
    disks: Iterable[DiskFacts],
) -> list[Component]:
    """Return the parts of a machine that have firmware, those that share it once."""
    return [
        Component(ComponentKind.BIOS, "", "BIOS", (), bios_version, bios_date),
        Component(ComponentKind.BMC, "", "BMC", (), bmc_version),
        *_adapters(nics),
        *(
            Component(
                ComponentKind.DISK,
                disk.name,
                f"disk {disk.name} ({disk.model})" if disk.model else f"disk {disk.name}",
                (disk.model,) if disk.model else (),
                disk.revision,
            )
            for disk in disks
        ),
    ]


def _adapters(nics: Iterable[NicFacts]) -> Iterator[Component]:
    ordered = sorted(nics, key=lambda nic: (_adapter(nic), nic.name))
    found = [_adapter_of(list(ports)) for _, ports in groupby(ordered, key=_adapter)]
    return iter(sorted(found, key=lambda component: component.target))


def _adapter(nic: NicFacts) -> tuple[str, str, str]:
    """Return what the ports of one adapter have in common; others differ in it."""
    device = _PCI_DEVICE.fullmatch(nic.bus)
    return (device[1].lower() if device else f"name {nic.name}", nic.driver, nic.firmware)


def _adapter_of(ports: list[NicFacts]) -> Component:
    first = ports[0]
    names = " and ".join(port.name for port in ports)
    title = f"NIC {names} ({first.driver})" if first.driver else f"NIC {names}"
    return Component(
        ComponentKind.NIC,
        first.name,
        title,
        nic_models(first.driver, first.firmware),
        first.firmware,
    )


def nic_models(driver: str, firmware: str) -> tuple[str, ...]:
    """Return the names by which a baseline may mean an adapter: its driver, and that with its make.

    Such as `mlx5_core` and `mlx5_core MT_0000000359`, or `tg3` and `tg3 5719`.
    """
    if not driver:
        return ()
    make = _MAKE.search(firmware)
    return (driver, f"{driver} {make[1] or make[2]}") if make else (driver,)
