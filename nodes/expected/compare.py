"""Whether a machine is the one that was ordered; no Django here."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from bearman.lib.issues import Found
from bearman.lib.issues import expected as issues
from nodes.expected.memory import MemoryPlan, Module, memory_findings

# Names of one vendor, as firmware and order sheets have them.
_SAME_VENDOR = ({"hp", "hpe", "hewlett"}, {"dell", "emc"}, {"supermicro", "smci", "super"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list says of a machine; empty values are not compared."""

    serial: str
    vendor: str = ""
    model: str = ""
    zone: str = ""
    flavor: str = ""
    place: str = ""
    memory: MemoryPlan | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What the machine says of itself, and where it is; empty values are unknown."""

    serial: str
    vendor: str
    product_name: str
    zone: str
    flavor: str
    place: str
    modules: Sequence[Module] = ()
    empty_slots: Sequence[str] = ()


def serial_key(serial: str) -> str:
    """Return a serial number in the form in which two are compared."""
    return serial.strip().upper()


def compare(wanted: Wanted, seen: Seen) -> list[Found]:
    """Return what is not as the list says."""
    found = [*_serial(wanted, seen), *_model(wanted, seen), *_zone(wanted, seen)]
    if wanted.memory is not None:
        found += memory_findings(wanted.memory, seen.modules, seen.empty_slots)
    for name, ours, theirs in (
        ("place", seen.place, wanted.place),
        ("flavor", seen.flavor, wanted.flavor),
    ):
        if ours and theirs and ours != theirs:
            words = f"Its {name} is {ours}, and the list of expected machines says {theirs}."
            found.append(Found(issues.SET_OTHERWISE, name, words))
    return found


def _serial(wanted: Wanted, seen: Seen) -> list[Found]:
    if not seen.serial or serial_key(seen.serial) == serial_key(wanted.serial):
        return []
    words = f"The list expects serial number {wanted.serial}, and the machine has {seen.serial}."
    return [Found(issues.OTHER_SERIAL, "serial", words)]


def _model(wanted: Wanted, seen: Seen) -> list[Found]:
    expected = " ".join(filter(None, (wanted.vendor, wanted.model)))
    if wanted.model and not seen.product_name:
        words = f"Expected {expected}, and the firmware does not name the product."
        return [Found(issues.NOT_COMPARED, "model", words)]
    fits_model = not wanted.model or model_fits(wanted.model, seen.product_name)
    fits_vendor = not (wanted.vendor and seen.vendor) or vendor_fits(wanted.vendor, seen.vendor)
    if fits_model and fits_vendor:
        return []
    here = " ".join(filter(None, (seen.vendor, seen.product_name)))
    return [Found(issues.WRONG_MODEL, "model", f"Expected {expected}, and this is {here}.")]


def _zone(wanted: Wanted, seen: Seen) -> list[Found]:
    if not wanted.zone or not seen.zone or wanted.zone == seen.zone:
        return []
    words = f"Expected in zone {wanted.zone}, and it is in zone {seen.zone}."
    return [Found(issues.WRONG_ZONE, "zone", words)]


def model_fits(wanted: str, product_name: str) -> bool:
    """Say whether a product is the wanted one: by a shell pattern, its name, or the name's end.

    So `R640` fits `PowerEdge R640`, but `ProLiant DL360 Gen10` does not fit `... Gen10 Plus`. A
    name that is spelled out fits also with signs of a pattern in it, such as
    `ThinkSystem SR630 -[7X02CTO1WW]-`.
    """
    if wanted.lower() == product_name.lower():
        return True
    if any(sign in wanted for sign in "*?["):
        return fnmatchcase(product_name.lower(), wanted.lower())
    ours, theirs = wanted.lower().split(), product_name.lower().split()
    return bool(ours) and theirs[-len(ours) :] == ours


def vendor_fits(wanted: str, vendor: str) -> bool:
    """Say whether a vendor is the wanted one: by a shell pattern, or by its first word."""
    if any(sign in wanted for sign in "*?["):
        return fnmatchcase(vendor.lower(), wanted.lower())
    ours, theirs = _first_word(wanted), _first_word(vendor)
    return ours == theirs or any({ours, theirs} <= names for names in _SAME_VENDOR)


def _first_word(text: str) -> str:
    words: list[str] = re.findall(r"\w+", text.lower())
    return words[0] if words else ""
