"""Processors in dmidecode's text."""

from collections.abc import Iterable, Sequence
from typing import Final

from nodes.inventory.dmi_sections import Section
from nodes.inventory.dmi_types import Processor
from nodes.inventory.findings import Findings
from nodes.inventory.placeholders import is_placeholder
from nodes.inventory.units import parse_count, parse_speed

# Eight sockets are common, 32 exist; a hostile text could name any number.
MAX_PROCESSORS: Final = 256

# SMBIOS 3.7 section 7.5.1: types that run no operating system. "Other" and "Unknown" may: boards
# with ARM processors say so.
_NOT_CENTRAL: Final = frozenset({"Math Processor", "DSP Processor", "Video Processor"})


def read_processors(sections: Iterable[Section], findings: Findings) -> tuple[Processor, ...]:
    """Return the populated sockets."""
    populated = (
        section
        for section in sections
        if section.get("Type") not in _NOT_CENTRAL and _is_populated(section)
    )
    chosen = findings.at_most(MAX_PROCESSORS, "processors", populated)
    return tuple(_read_processor(section, findings) for section in chosen)


def _is_populated(section: Section) -> bool:
    status = section.get("Status")
    if status.startswith(("Populated", "Unpopulated")):
        return status.startswith("Populated")
    # A structure that was cut off before its status: who else would know its cores or its name?
    return section.has("Core Count") or not is_placeholder(section.get("Version"))


def _read_processor(section: Section, findings: Findings) -> Processor:
    speed = parse_speed(section.get("Current Speed")) or parse_speed(section.get("Max Speed"))
    return Processor(
        socket=findings.label("processors: socket", section.get("Socket Designation")),
        manufacturer=findings.string("processors: manufacturer", section.get("Manufacturer")),
        model=findings.string("processors: model", section.get("Version")),
        cores=parse_count(section.get("Core Count")),
        threads=parse_count(section.get("Thread Count")),
        speed_mhz=speed,
    )


def first_model(processors: Sequence[Processor], findings: Findings) -> str | None:
    """Return the model of the first socket that has one; warn where sockets differ."""
    models = list(dict.fromkeys(p.model for p in processors if p.model))
    if len(models) > 1:
        findings.warn(f"cpu_model: {len(models)} different models")
    return models[0] if models else None


def sum_counts(key: str, counts: Sequence[int | None], findings: Findings) -> int | None:
    """Return the sum over the populated sockets that say it, with a warning if some do not."""
    known = [count for count in counts if count is not None]
    if len(known) < len(counts):
        findings.warn(f"{key}: {len(counts) - len(known)} of {len(counts)} processors do not say")
    return sum(known) or None
