"""Reads the catalogue of parts and models (catalogue.toml)."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Cpu:
    """A processor; `mhz` and `max_mhz` in MHz."""

    version: str
    vendor: str
    family: str
    id: str
    signature: str
    upgrade: str
    voltage: str
    cores: int
    threads: int
    mhz: int
    max_mhz: int


@dataclass(frozen=True, slots=True)
class Dimm:
    """A memory module; `mts` in megatransfers a second, `serial` is a pattern."""

    manufacturer: str
    part: str
    serial: str
    size_mib: int
    type: str
    mts: int


@dataclass(frozen=True, slots=True)
class Nic:
    """A network chip, as `ethtool -i` tells of it.

    `mbps` is its speed in Mb/s and `cable` what this fleet plugs in: twisted, copper or fibre.
    """

    driver: str
    version: str
    firmware: str
    ouis: tuple[str, ...]
    mbps: int
    cable: str
    previous: str = ""


@dataclass(frozen=True, slots=True)
class Disk:
    """A disk; `serial` is a pattern."""

    model: str
    revision: str
    vendor: str
    serial: str
    bytes: int
    rotational: bool
    transport: str


@dataclass(frozen=True, slots=True)
class Bmc:
    """A management controller; `vendor` and `product` are its numbers in IPMI."""

    firmware: str
    previous: str
    vendor: int
    vendor_name: str
    product: int


@dataclass(frozen=True, slots=True)
class Card:
    """A network card in its slot: a chip with ports; `bus` lacks the function number.

    `oui` is that of the server's vendor where the chip is on the board, else empty.
    """

    nic: Nic
    oui: str
    names: tuple[str, ...]
    bus: str


@dataclass(frozen=True, slots=True)
class Model:
    """A model of server. `serial` and the serials in `board` and `chassis` are patterns."""

    name: str
    vendor: str
    family: str
    sku: str
    version: str
    serial: str
    uuid: str
    smbios: str
    bios: dict[str, str]
    board: dict[str, str]
    chassis: dict[str, str]
    bmc: Bmc
    cpu: Cpu
    sockets: tuple[str, ...]
    sockets_populated: int
    dimm: Dimm
    slots: int
    slots_populated: int
    banks: tuple[str, ...]
    locator: str
    bank_locator: str
    cards: tuple[Card, ...]
    disks: tuple[tuple[Disk, int], ...]


@cache
def models() -> tuple[Model, ...]:
    """All models, in the order of the catalogue."""
    data = tomllib.loads(files(__package__).joinpath("catalogue.toml").read_text("utf-8"))
    return tuple(_model(entry, data) for entry in data["model"])


def _model(entry: dict[str, Any], data: dict[str, Any]) -> Model:
    cpu, memory = entry["cpu"], entry["memory"]
    return Model(
        **{key: entry[key] for key in ("name", "vendor", "family", "sku", "serial", "uuid")},
        **{key: entry[key] for key in ("smbios", "bios", "board", "chassis")},
        version=entry.get("version", "Not Specified"),
        bmc=Bmc(**data["bmc"][entry["bmc"]]),
        cpu=Cpu(**data["cpu"][cpu["part"]]),
        sockets=tuple(cpu["sockets"]),
        sockets_populated=cpu["populated"],
        dimm=Dimm(**data["dimm"][memory["part"]]),
        slots=memory["slots"],
        slots_populated=memory["populated"],
        banks=tuple(memory["banks"]),
        locator=memory["locator"],
        bank_locator=memory["bank_locator"],
        cards=tuple(_card(card, data) for card in entry["nics"]),
        disks=tuple((Disk(**data["disk"][d["part"]]), d["count"]) for d in entry["disks"]),
    )


def _card(card: dict[str, Any], data: dict[str, Any]) -> Card:
    fields = data["nic"][card["part"]]
    nic = Nic(**fields | {"ouis": tuple(fields["ouis"])})
    return Card(nic, card.get("oui", ""), tuple(card["names"]), card["bus"])
