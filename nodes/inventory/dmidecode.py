"""Parses the text that dmidecode prints, of any version, from any vendor, however broken."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from nodes.inventory.dmi_memory import read_empty_slots, read_memory
from nodes.inventory.dmi_processors import first_model, read_processors, sum_counts
from nodes.inventory.dmi_sections import TITLES, Section, split_sections
from nodes.inventory.dmi_types import Dmidecode
from nodes.inventory.findings import Findings
from nodes.inventory.placeholders import is_placeholder
from nodes.inventory.text import decode
from nodes.inventory.units import parse_bios_date, parse_handle
from nodes.uuids import canonical_uuid, is_known_bad_uuid

_NOTHING: Final = Section(-1, None, "")
_EXPECTED: Final = {title: kind for title, kind in TITLES.items() if kind in (0, 1, 2, 3, 4, 17)}
_DAMAGE: Final = ("<TRUNCATED>", "DMI table is broken", "Wrong DMI structures")

# SMBIOS 3.7 section 7.2.1: "not settable" and "not present".
_NO_UUID: Final = frozenset({str(UUID(int=0)), str(UUID(int=2**128 - 1))})


def parse_dmidecode(text: str | bytes) -> Dmidecode:
    """Return what `dmidecode` says of a machine; it never fails, it leaves out and warns.

    Field names follow dmidecode.c, versions 2.6 to 3.6, also with `--quiet`; the meaning of the
    fields follows SMBIOS 3.7 (DMTF DSP0134).
    """
    if isinstance(text, bytes):
        text = decode(text)
    findings = Findings()
    sections: defaultdict[int, list[Section]] = defaultdict(list)
    for section in split_sections(text):
        sections[section.kind].append(section)
    if not sections:
        findings.warn("dmidecode: no structure found in the text")
    if any(words in text for words in _DAMAGE):
        findings.warn("dmidecode: it found the firmware's table damaged")
    return _assemble(sections, findings)


def _assemble(sections: Mapping[int, Sequence[Section]], findings: Findings) -> Dmidecode:
    for title, kind in _EXPECTED.items():
        if kind not in sections:
            findings.warn(f"dmidecode: no {title}")
    bios = _first_with("Vendor", sections.get(0, ()))
    system = _first_with("Manufacturer", sections.get(1, ()))
    board = _main_board(sections.get(2, ()))
    chassis = _chassis_of(board, sections.get(3, ()))
    processors = read_processors(sections.get(4, ()), findings)
    dimms, memory_bytes = read_memory(sections, findings)
    return Dmidecode(
        vendor=_string(system, "Manufacturer", "vendor", findings),
        product_name=_string(system, "Product Name", "product_name", findings),
        serial=_string(system, "Serial Number", "serial", findings),
        uuid=_uuid(system, findings),
        sku=_string(system, "SKU Number", "sku", findings),
        bios_vendor=_string(bios, "Vendor", "bios_vendor", findings),
        bios_version=_string(bios, "Version", "bios_version", findings),
        bios_date=_bios_date(bios, findings),
        board_vendor=_string(board, "Manufacturer", "board_vendor", findings),
        board_product=_string(board, "Product Name", "board_product", findings),
        board_serial=_string(board, "Serial Number", "board_serial", findings),
        chassis_type=_chassis_type(chassis, findings),
        chassis_serial=_string(chassis, "Serial Number", "chassis_serial", findings),
        asset_tag=_string(chassis, "Asset Tag", "asset_tag", findings),
        cpu_sockets_populated=len(processors) if 4 in sections else None,
        cpu_model=first_model(processors, findings),
        cpu_cores=sum_counts("cpu_cores", [p.cores for p in processors], findings),
        cpu_threads=sum_counts("cpu_threads", [p.threads for p in processors], findings),
        memory_bytes=memory_bytes,
        dimms=dimms,
        processors=processors,
        empty_slots=read_empty_slots(sections),
        warnings=findings.sentences(),
    )


def _first_with(line: str, sections: Sequence[Section]) -> Section:
    # Machines with several nodes describe themselves first; a truncated structure has no lines.
    return next((section for section in sections if section.has(line)), _NOTHING)


def _string(section: Section, line: str, key: str, findings: Findings) -> str | None:
    return findings.string(key, section.get(line)) if section.has(line) else None


def _main_board(boards: Sequence[Section]) -> Section:
    """Return the board that carries the processors, not a riser, a mezzanine or a front panel."""
    return min(boards, key=_distance_from_motherboard, default=_NOTHING)


def _distance_from_motherboard(board: Section) -> int:
    # SMBIOS 3.7 section 7.3.1 (features) and 7.3.2 (types).
    kind = board.get("Type")
    if kind == "Motherboard":
        return 0
    if kind.startswith(("Server Blade", "Processor")) or "Board is a hosting board" in board.body:
        return 1
    return 2 if kind in ("", "Unknown", "Other", "<OUT OF SPEC>") else 3


def _chassis_of(board: Section, chassis: Sequence[Section]) -> Section:
    """Return the chassis that the board says it is in (SMBIOS 3.7 section 7.3), else the first."""
    handle = parse_handle(board.get("Chassis Handle"))
    for candidate in chassis:
        if handle is not None and candidate.handle == handle:
            return candidate
    return _first_with("Type", chassis)


def _chassis_type(chassis: Section, findings: Findings) -> str | None:
    return findings.choice("chassis_type", chassis.get("Type")) if chassis.has("Type") else None


def _bios_date(bios: Section, findings: Findings) -> date | None:
    text = _string(bios, "Release Date", "bios_date", findings)
    if text is None:
        return None
    found = parse_bios_date(text)
    if found is None:
        findings.warn_of("bios_date", "unreadable", text)
    return found


def _uuid(system: Section, findings: Findings) -> str | None:
    """Return the canonical UUID; one that many machines share is kept, for others to judge."""
    if not system.has("UUID"):
        findings.warn("uuid: missing")
        return None
    text = system.get("UUID")
    found = canonical_uuid(text)
    if found is None or found in _NO_UUID:
        findings.warn_of("uuid", "placeholder" if is_placeholder(text) else "unreadable", text)
        return None
    if is_known_bad_uuid(found):
        findings.warn_of("uuid", "shared by many machines", found)
    return found
