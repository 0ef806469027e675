"""What a node sends of itself: bounded, parsed, and written to its row."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import timezone

from bearman.lib.errors import Invalid, TooLarge
from bearman.lib.issues import registration
from nodes.identity import Evidence, telling_macs
from nodes.inventory import (
    INTERFACE_NAME,
    Dmidecode,
    EthtoolInfo,
    InventoryError,
    Nic,
    parse_dmidecode,
    parse_ethtool_i,
    parse_ip_link,
    parse_lsblk,
)
from nodes.inventory import Disk as ParsedDisk
from nodes.models import Node, RawInventory
from nodes.services.parts import parts_replace

MAX_ETHTOOL = 512  # as many as `parse_ip_link` takes interfaces


@dataclass(frozen=True, slots=True)
class RawOutputs:
    """The raw outputs of the machine's own programs; `ethtool` by interface name."""

    dmidecode: bytes
    lsblk: bytes
    ip_link: bytes
    ethtool: Mapping[str, bytes]

    def size(self) -> int:
        """Return the size of all in bytes."""
        texts = (self.dmidecode, self.lsblk, self.ip_link, *self.ethtool.values())
        return sum(map(len, texts)) + sum(len(name) for name in self.ethtool)


@dataclass(frozen=True, slots=True)
class Inventory:
    """The same, understood."""

    system: Dmidecode
    nics: list[Nic]
    disks: list[ParsedDisk]
    drivers: dict[str, EthtoolInfo]

    def evidence(self) -> Evidence:
        """Return what the machine can be recognised by."""
        system = self.system
        return Evidence(
            serial=system.serial or "",
            board_serial=system.board_serial or "",
            macs=telling_macs(nic.mac for nic in self.nics if nic.mac),
            memory_serials=frozenset(d.serial for d in system.dimms if d.serial),
            build=build_of(
                system.vendor,
                system.product_name,
                system.board_product,
                system.cpu_model,
                system.memory_bytes,
            ),
        )


def build_of(*parts: str | int | None) -> tuple[str, ...]:
    """Return the parts that a whole batch of machines shares, in comparable form."""
    return tuple(str(part or "") for part in parts)


def inventory_parse(raw: RawOutputs) -> Inventory:
    """Parse what a node sent; raises TooLarge over BEARMAN_INVENTORY_MAX_BYTES, or Invalid."""
    size, limit = raw.size(), settings.INVENTORY_MAX_BYTES
    if size > limit:
        raise TooLarge(
            f"The inventory has {size} bytes; at most {limit} are taken.",
            issue=registration.INVENTORY_TOO_LARGE,
        )
    if len(raw.ethtool) > MAX_ETHTOOL:
        raise _unusable(f"ethtool: {len(raw.ethtool)} interfaces; at most {MAX_ETHTOOL} are taken.")
    for name in raw.ethtool:
        if not INTERFACE_NAME.fullmatch(name):
            raise _unusable(f"ethtool: {name[:40]!r} is not the name of an interface.")
    try:
        return Inventory(
            system=parse_dmidecode(raw.dmidecode),
            nics=[nic for nic in parse_ip_link(raw.ip_link) if nic.is_physical],
            disks=parse_lsblk(raw.lsblk),
            drivers={name: parse_ethtool_i(text) for name, text in raw.ethtool.items()},
        )
    except InventoryError as error:
        raise _unusable(str(error)) from error


def _unusable(words: str) -> Invalid:
    return Invalid(words, issue=registration.INVENTORY_UNUSABLE)


_TEXTS = (
    *("serial", "vendor", "product_name", "sku", "asset_tag"),
    *("board_vendor", "board_product", "board_serial", "chassis_type", "chassis_serial"),
    *("bios_vendor", "bios_version", "cpu_model"),
)
# The columns of Node that `node_fields` fills.
COLUMNS = (
    *_TEXTS,
    *("bios_date", "cpu_sockets", "cpu_cores", "cpu_threads", "memory_bytes", "warnings"),
)


def node_fields(inventory: Inventory) -> dict[str, Any]:
    """Return the columns of Node that come from the inventory."""
    system = inventory.system
    texts = {name: getattr(system, name) or "" for name in _TEXTS}
    return texts | {
        "bios_date": system.bios_date,
        "cpu_sockets": system.cpu_sockets_populated or 0,
        "cpu_cores": system.cpu_cores,
        "cpu_threads": system.cpu_threads,
        "memory_bytes": system.memory_bytes or 0,
        "warnings": list(system.warnings),
    }


def inventory_write(
    *, node: Node, inventory: Inventory, raw: RawOutputs | None, first: bool = False
) -> None:
    """Replace what is known of the node's parts; `raw` None keeps the raw text that is there.

    To be called in a transaction that holds the node; `first` says that there is nothing yet.
    """
    if raw is not None:
        _raw_write(node, raw)
    parts_replace(
        node_id=node.pk,
        first=first,
        interfaces=[_interface(nic, inventory.drivers) for nic in inventory.nics],
        disks=[_disk(disk) for disk in inventory.disks],
        memory_modules=_memory(inventory.system),
        processors=_processors(inventory.system),
    )


def _raw_write(node: Node, raw: RawOutputs) -> None:
    row = RawInventory(
        node=node,
        received_at=timezone.now(),
        dmidecode=raw.dmidecode,
        lsblk=raw.lsblk,
        ip_link=raw.ip_link,
        ethtool={
            name: text.decode(errors="replace").replace("\0", "")
            for name, text in raw.ethtool.items()
        },
    )
    RawInventory.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["node"],
        update_fields=["received_at", "dmidecode", "lsblk", "ip_link", "ethtool"],
    )


_NO_DRIVER = EthtoolInfo(driver="", version="", firmware_version="", bus_info="")


def _interface(nic: Nic, drivers: Mapping[str, EthtoolInfo]) -> dict[str, Any]:
    driver = drivers.get(nic.name, _NO_DRIVER)
    return {
        "name": nic.name,
        "mac": nic.mac or "",
        "state": nic.oper_state or "",
        "mtu": nic.mtu,
        "driver": driver.driver or "",
        "driver_version": driver.version or "",
        "firmware": driver.firmware_version or "",
        "bus": driver.bus_info or "",
    }


def _disk(disk: ParsedDisk) -> dict[str, Any]:
    return {
        "name": disk.name,
        "model": disk.model or "",
        "revision": disk.revision or "",
        "serial": disk.serial or "",
        "wwn": disk.wwn or "",
        "size_bytes": disk.size_bytes or 0,
        "rotational": bool(disk.rotational),
        "transport": disk.transport or "",
    }


def _memory(system: Dmidecode) -> list[dict[str, Any]]:
    return [
        {
            "position": position,
            "slot": dimm.slot or "",
            "size_bytes": dimm.size_bytes,
            "type": dimm.type or "",
            "speed_mts": dimm.speed_mts,
            "manufacturer": dimm.manufacturer or "",
            "part_number": dimm.part_number or "",
            "serial": dimm.serial or "",
        }
        for position, dimm in enumerate(system.dimms)
    ]


def _processors(system: Dmidecode) -> list[dict[str, Any]]:
    return [
        {
            "position": position,
            "socket": cpu.socket or "",
            "manufacturer": cpu.manufacturer or "",
            "model": cpu.model or "",
            "cores": cpu.cores,
            "threads": cpu.threads,
            "speed_mhz": cpu.speed_mhz,
        }
        for position, cpu in enumerate(system.processors)
    ]
