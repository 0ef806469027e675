"""One line of the list of expected machines; no Django here."""

from dataclasses import dataclass, fields
from datetime import date

from nodes.expected.memory import MemoryPlan

MAX_SERIAL = 100
MAX_TEXT = 200
MAX_RACK = 32
MAX_UNIT = 99  # racks end at about 60 units (EIA-310)


@dataclass(frozen=True, slots=True)
class Entry:
    """A machine that is to arrive, as the file says it; empty values are not said."""

    serial: str
    vendor: str = ""
    model: str = ""
    rack: str = ""
    unit: int | None = None
    flavor: str = ""
    zone: str = ""
    memory: MemoryPlan | None = None
    mac: str = ""
    asset_tag: str = ""
    due: date | None = None
    note: str = ""


COLUMNS = tuple(field.name for field in fields(Entry))


def place_words(rack: str, unit: int | None) -> str:
    """Return a place as people say it, `R12 U4`; empty where nobody said."""
    return f"{rack} U{unit}" if rack and unit else rack
