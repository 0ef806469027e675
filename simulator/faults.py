"""All faults of simulated machines, by name."""

from simulator.arrival_faults import ARRIVAL_FAULTS
from simulator.deployment_faults import DEPLOYMENT_FAULTS
from simulator.fault import Fault
from simulator.firmware_faults import FIRMWARE_FAULTS
from simulator.registration_faults import REGISTRATION_FAULTS
from simulator.wiring_faults import WIRING_FAULTS

FAULTS: dict[str, Fault] = {
    fault.name: fault
    for fault in (
        *REGISTRATION_FAULTS,
        *ARRIVAL_FAULTS,
        *WIRING_FAULTS,
        *FIRMWARE_FAULTS,
        *DEPLOYMENT_FAULTS,
    )
}


def parse_fault(text: str) -> tuple[str, int]:
    """Read NAME=COUNT, or NAME for one; raises ValueError with what is wrong."""
    name, separator, count = text.partition("=")
    if name not in FAULTS:
        raise ValueError(f"there is no fault {name!r}; --list-faults names them all")
    if separator and not (count.isascii() and count.isdecimal()):
        raise ValueError(f"{text!r}: the count is not a number")
    return name, int(count) if separator else 1
