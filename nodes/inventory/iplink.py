"""Parses what `ip -json link` prints, with or without `-details`."""

import re
from dataclasses import dataclass
from typing import Any, Final

from nodes.inventory.errors import InventoryError
from nodes.inventory.json_text import load_json, objects, string, whole_number

_SOURCE: Final = "ip link"

# A full machine has some dozens of ports, and some hundreds of virtual functions at most.
MAX_INTERFACES: Final = 512

# The kernel takes more (dev_valid_name in net/core/dev.c: 15 bytes, no slash, colon or blank), but
# drivers and udev name with these, and none of them means anything to a shell.
INTERFACE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@+-]{0,14}")

# IEEE 802 section 8.2: six octets; an odd first one would be a group's address.
_MAC = re.compile(r"[0-9a-f][02468ace](?::[0-9a-f]{2}){5}")
_NO_MAC: Final = "00:00:00:00:00:00"

# What gives a software interface away where `-details` is missing.
_SOFTWARE_NAMES = re.compile(
    r"lo|(?:bond|br|bridge|docker|dummy|erspan|gre|gretap|ifb|ip6tnl|macsec|macvlan|macvtap|ovs|sit"
    r"|tap|team|tun|tunl|veth|virbr|vlan|vnet|vxlan|wg)[0-9-].*|ovs-system|.*\.\d+"
)

_MAX_MTU: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Nic:
    """A network interface; `mac` is the permanent address where known, else the one in use.

    `carrier` is None while the interface is down. A physical interface always has a `mac`.
    """

    name: str
    mac: str | None
    permaddr: str | None
    mtu: int | None
    oper_state: str | None
    carrier: bool | None
    link_type: str | None
    is_physical: bool

    @property
    def identifies(self) -> bool:
        """Tell whether the address is this machine's alone.

        A locally administered one (IEEE 802 section 8.4: bit 1 of the first octet) is not: the USB
        interface to the board's controller has the same one in every machine of some vendors.
        """
        return self.is_physical and self.mac is not None and not int(self.mac[:2], 16) & 2


def parse_ip_link(text: str | bytes) -> list[Nic]:
    """Return the interfaces in the order of `ip`; raises InventoryError for what it never prints.

    The permanent address matters for a bond's ports, which all show the bond's own.
    """
    entries = objects(_SOURCE, "the output", load_json(_SOURCE, text))
    if len(entries) > MAX_INTERFACES:
        raise InventoryError(f"{_SOURCE}: {len(entries)} interfaces, more than {MAX_INTERFACES}.")
    nics = [_read_nic(entry) for entry in entries if entry]  # `ip` prints {} for a filtered one
    if len({nic.name for nic in nics}) < len(nics):
        raise InventoryError(f"{_SOURCE}: two interfaces have one name.")
    return nics


def _read_nic(entry: dict[str, Any]) -> Nic:
    name = entry.get("ifname")
    if not isinstance(name, str) or not INTERFACE_NAME.fullmatch(name):
        raise InventoryError(f"{_SOURCE}: {str(name)[:64]!r} is not the name of an interface.")
    link_type = string(entry.get("link_type"), 20)
    permanent = _mac(name, entry.get("permaddr")) if link_type == "ether" else None
    current = _mac(name, entry.get("address")) if link_type == "ether" else None
    mac = permanent or current
    return Nic(
        name=name,
        mac=mac,
        permaddr=permanent,
        mtu=whole_number(entry.get("mtu"), _MAX_MTU),
        oper_state=string(entry.get("operstate"), 20),
        carrier=_carrier(entry.get("flags")),
        link_type=link_type,
        is_physical=mac is not None and not _is_software(name, entry),
    )


def _mac(name: str, value: Any) -> str | None:
    if value is None or value == _NO_MAC:
        return None
    if not isinstance(value, str) or not _MAC.fullmatch(value.lower()):
        raise InventoryError(f"{_SOURCE}: {name} has the address {str(value)[:64]!r}.")
    return value.lower()


def _carrier(flags: Any) -> bool | None:
    if not isinstance(flags, list) or "UP" not in flags:
        return None
    return "LOWER_UP" in flags and "NO-CARRIER" not in flags


def _is_software(name: str, entry: dict[str, Any]) -> bool:
    linkinfo = entry.get("linkinfo")
    if isinstance(linkinfo, dict) and linkinfo.get("info_kind"):
        return True
    if entry.get("parentbus"):
        return False  # it hangs on a bus: PCI, USB, virtio
    return "link" in entry or _SOFTWARE_NAMES.fullmatch(name) is not None
