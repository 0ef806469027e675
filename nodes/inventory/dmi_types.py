"""What is known of a machine from its dmidecode text."""

from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Dimm:
    """A populated memory slot; `bank` helps where a board gives several slots one name."""

    slot: str | None
    size_bytes: int | None
    type: str | None
    speed_mts: int | None
    manufacturer: str | None
    part_number: str | None
    serial: str | None
    bank: str | None

    def as_dict(self) -> dict[str, Any]:
        """Return the seven published keys."""
        published = asdict(self)
        del published["bank"]
        return published


@dataclass(frozen=True, slots=True)
class EmptySlot:
    """A memory slot without a module; boards without names for them have None for both."""

    slot: str | None
    bank: str | None


@dataclass(frozen=True, slots=True)
class Processor:
    """A populated socket; cores and threads are this socket's."""

    socket: str | None
    manufacturer: str | None
    model: str | None
    cores: int | None
    threads: int | None
    speed_mhz: int | None


@dataclass(frozen=True, slots=True)
class Dmidecode:
    """A machine as its firmware describes it; None is what it does not say or says badly."""

    vendor: str | None
    product_name: str | None
    serial: str | None
    uuid: str | None
    sku: str | None
    bios_vendor: str | None
    bios_version: str | None
    bios_date: date | None
    board_vendor: str | None
    board_product: str | None
    board_serial: str | None
    chassis_type: str | None
    chassis_serial: str | None
    asset_tag: str | None
    cpu_sockets_populated: int | None
    cpu_model: str | None
    cpu_cores: int | None
    cpu_threads: int | None
    memory_bytes: int | None
    dimms: tuple[Dimm, ...]
    warnings: tuple[str, ...]
    processors: tuple[Processor, ...]
    empty_slots: tuple[EmptySlot, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the published keys in their order, ready for JSON; dates are ISO 8601."""
        published = {name: getattr(self, name) for name in _PUBLISHED}
        published["bios_date"] = self.bios_date.isoformat() if self.bios_date else None
        published["dimms"] = [dimm.as_dict() for dimm in self.dimms]
        published["warnings"] = list(self.warnings)
        return published


_UNPUBLISHED = ("processors", "empty_slots")
_PUBLISHED = tuple(field.name for field in fields(Dmidecode) if field.name not in _UNPUBLISHED)
