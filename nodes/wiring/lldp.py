"""Parses what `lldpcli -f json show neighbors details` prints, and `-f json0`.

lldpd's writer (src/client/json_writer.c) folds lists of one element and moves names outside, so one
and the same fact has several shapes: a list or its only element, a text or an object with `value`,
an object with `name` or an object under its name.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from nodes.inventory.errors import InventoryError
from nodes.inventory.iplink import INTERFACE_NAME
from nodes.inventory.json_text import load_json, string, whole_number
from nodes.wiring.names import port_number

_SOURCE: Final = "lldpcli"

# A hostile neighbour can send frames of any number of chassis; lldpd itself keeps 32 a port.
MAX_NEIGHBOURS: Final = 1024
MAX_OF_ONE: Final = 32
MAX_NAME: Final = 100
MAX_VLANS: Final = 4096
LLDP: Final = "LLDP"

# What lldpd writes of a chassis besides its name (display_chassis in src/client/display.c).
_OF_CHASSIS: Final = frozenset(
    {"id", "name", "descr", "ttl", "mgmt-ip", "mgmt-iface", "capability"}
)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Who sends on an interface: a switch by name (else by its address), and its port.

    `vlan` is the native one (the LLDP port VLAN), `mtu` the largest frame that the port takes in
    bytes; None where the switch does not say.
    """

    protocol: str
    switch: str
    chassis: str
    port: str
    vlan: int | None = None
    mtu: int | None = None

    def __str__(self) -> str:
        return f"{self.switch or 'a nameless switch'} port {self.port or 'unknown'}"


def parse_lldp(text: str | bytes) -> dict[str, tuple[Neighbour, ...]]:
    """Return the neighbours by interface, those of LLDP first.

    Raises InventoryError for what lldpcli never prints, such as nothing or half of it.
    """
    document = load_json(_SOURCE, text)
    root = document.get("lldp") if isinstance(document, dict) else None
    if root is None:
        raise InventoryError(f"{_SOURCE}: there is no `lldp` in it.")
    found: dict[str, list[Neighbour]] = {}
    for count, (name, entry) in enumerate(_entries(root)):
        if count == MAX_NEIGHBOURS:
            raise InventoryError(f"{_SOURCE}: more than {MAX_NEIGHBOURS} neighbours.")
        if not INTERFACE_NAME.fullmatch(name):
            raise InventoryError(f"{_SOURCE}: {name[:64]!r} is not the name of an interface.")
        neighbours = found.setdefault(name, [])
        if len(neighbours) < MAX_OF_ONE:
            neighbours.append(_neighbour(entry))
    return {name: tuple(sorted(them, key=_other_protocol)) for name, them in found.items()}


def _other_protocol(neighbour: Neighbour) -> bool:
    return neighbour.protocol != LLDP


def _entries(root: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield interface and entry, in whichever shape they are."""
    for part in _objects(root):
        for item in _objects(part.get("interface")):
            name = item.get("name")
            if isinstance(name, str):
                yield name, item
                continue
            for key, value in item.items():
                for entry in _objects(value):
                    yield key, entry


def _neighbour(entry: dict[str, Any]) -> Neighbour:
    name, chassis = _chassis(entry.get("chassis"))
    port = _first(entry.get("port"))
    chassis_id = _text(_first(chassis.get("id")).get("value"))
    return Neighbour(
        protocol=(_text(entry.get("via")) or LLDP)[:16].upper(),
        switch=name or chassis_id,
        chassis=chassis_id,
        port=_port(port),
        vlan=_native_vlan(entry.get("vlan")),
        mtu=whole_number(_raw(port.get("mfs")), 65535) or None,
    )


def _chassis(value: Any) -> tuple[str, dict[str, Any]]:
    chassis = _first(value)
    if len(chassis) == 1:
        key, inner = next(iter(chassis.items()))
        described = isinstance(inner, dict) and not ("type" in inner and key in _OF_CHASSIS)
        if described:
            return string(key, MAX_NAME) or "", inner
    return _text(chassis.get("name")), chassis


def _port(port: dict[str, Any]) -> str:
    """Return the port's name: its identifier, unless that is for machines only.

    IEEE 802.1AB section 8.5.3: an identifier may be a MAC address or any local number; then the
    description is the name, as on Junos, whose identifier is the index of the interface.
    """
    identifier, description = _first(port.get("id")), _text(port.get("descr"))
    kind, value = _text(identifier.get("type")).lower(), _text(identifier.get("value"))
    if not value:
        return description
    if kind == "mac" and description:
        return description
    named = port_number(description) is not None and not description.isdigit()
    return description if kind == "local" and value.isdigit() and named else value


def _native_vlan(value: Any) -> int | None:
    for vlan in _objects(value)[:MAX_VLANS]:
        if _raw(vlan.get("pvid")) in (True, "yes", "true"):
            # IEEE 802.1Q section D.2.1: 0 says that the port has none.
            return whole_number(_raw(vlan.get("vlan-id")), 4094) or None
    return None


def _objects(value: Any) -> list[dict[str, Any]]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, dict)]


def _first(value: Any) -> dict[str, Any]:
    return next(iter(_objects(value)), {})


def _raw(value: Any) -> Any:
    """Return the scalar in `value`, which may be wrapped in a list or an object, or in both."""
    for _ in range(4):
        if isinstance(value, list):
            value = value[0] if value else None
        elif isinstance(value, dict):
            value = value.get("value")
        else:
            return value
    return None


def _text(value: Any) -> str:
    return string(_raw(value), MAX_NAME) or ""
