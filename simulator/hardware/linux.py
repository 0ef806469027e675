"""Prints what lsblk, ip and ethtool of a Linux on the machine would."""

import json
from typing import Any

from simulator.hardware.cable import Cabling
from simulator.hardware.identity import DiskUnit, Identity, Port

BROADCAST = "ff:ff:ff:ff:ff:ff"
LOOPBACK_LINK = {
    "ifindex": 1,
    "ifname": "lo",
    "flags": ["LOOPBACK", "UP", "LOWER_UP"],
    "mtu": 65536,
    "qdisc": "noqueue",
    "operstate": "UNKNOWN",
    "linkmode": "DEFAULT",
    "group": "default",
    "txqlen": 1000,
    "link_type": "loopback",
    "address": "00:00:00:00:00:00",
    "broadcast": "00:00:00:00:00:00",
}


def lsblk(identity: Identity) -> bytes:
    """Output of `lsblk --json --bytes --output-all`, its columns that say something."""
    disks = [_disk(unit, number) for number, unit in enumerate(identity.disks)]
    return (json.dumps({"blockdevices": disks}, indent=3) + "\n").encode()


def _disk(unit: DiskUnit, number: int) -> dict[str, Any]:
    nvme = unit.disk.transport == "nvme"
    return {
        "name": unit.name,
        "kname": unit.name,
        "path": f"/dev/{unit.name}",
        "maj:min": f"259:{number}" if nvme else f"8:{16 * number}",
        "fstype": None,
        "mountpoint": None,
        "model": unit.disk.model,
        "vendor": unit.disk.vendor.ljust(8) or None,  # eight bytes: SPC-4 section 6.6.2
        "serial": unit.serial,
        "rev": unit.disk.revision[:8],  # eight bytes: SPC-4 section 6.6.2, NVMe 1.4 figure 247
        "wwn": unit.wwn,
        "size": unit.disk.bytes,
        "rota": unit.disk.rotational,
        "rm": False,
        "ro": False,
        "type": "disk",
        "tran": unit.disk.transport,
        "log-sec": 512,
        "phy-sec": 4096,
        "hctl": None if nvme else f"{number}:0:0:0",
    }


def ip_link(identity: Identity, cables: Cabling | None = None) -> bytes:
    """Output of `ip -json -details link`; without cables each uplink has a link."""
    up = {port.name for port in identity.uplinks}
    if cables is not None:
        up = {name for name, cable in cables.items() if cable.link}
    links = [_link(port, number, port.name in up) for number, port in enumerate(identity.ports)]
    return (json.dumps([LOOPBACK_LINK, *links]) + "\n").encode()


def _link(port: Port, number: int, up: bool) -> dict[str, Any]:
    flags = ["BROADCAST", "MULTICAST", "UP"]
    return {
        "ifindex": number + 2,
        "ifname": port.name,
        "flags": [*flags, "LOWER_UP"] if up else ["NO-CARRIER", *flags],
        "mtu": 1500,
        "qdisc": "mq",
        "operstate": "UP" if up else "DOWN",
        "linkmode": "DEFAULT",
        "group": "default",
        "txqlen": 1000,
        "link_type": "ether",
        "address": port.mac,
        "broadcast": BROADCAST,
        "promiscuity": 0,
        "min_mtu": 68,
        "max_mtu": 9702,
        "num_tx_queues": 64,
        "num_rx_queues": 64,
        "parentbus": "pci",
        "parentdev": port.bus,
    }


def meminfo(identity: Identity) -> bytes:
    """What /proc/meminfo says of memory: in KiB, and without what firmware and kernel keep."""
    usable = identity.memory_mib * 1024 * 97 // 100
    rows = {"MemTotal": usable, "MemFree": usable * 9 // 10, "MemAvailable": usable * 9 // 10}
    return "".join(f"{f'{name}:':<16}{kib:>8} kB\n" for name, kib in rows.items()).encode()


def ethtool(port: Port) -> bytes:
    """Output of `ethtool -i` for one interface."""
    return (
        f"driver: {port.nic.driver}\n"
        f"version: {port.nic.version}\n"
        f"firmware-version: {port.nic.firmware}\n"
        "expansion-rom-version: \n"
        f"bus-info: {port.bus}\n"
        "supports-statistics: yes\n"
        "supports-test: yes\n"
        "supports-eeprom-access: yes\n"
        "supports-register-dump: yes\n"
        "supports-priv-flags: yes\n"
    ).encode()
