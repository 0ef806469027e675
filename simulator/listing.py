"""What an operator knows of the machines beforehand: the list of what was ordered, and the cables.

Both are CSV, as `bearman expected_import` and `bearman cables_import` read it.
"""

import csv
import io
from collections.abc import Iterable, Mapping

from simulator.fabric import MTU, Stand
from simulator.fault import Listing
from simulator.hardware.cable import Cabling
from simulator.hardware.identity import Identity

MIB_A_GIB = 1024
MISSING_SERIAL = "STILL-TO-COME-1"  # ordered, and never delivered


def listing_of(identity: Identity, stand: Stand) -> Listing:
    """The line of one machine in the list of expected machines."""
    model = identity.model
    return {
        "serial": identity.serial,
        "vendor": identity.vendor,
        "model": identity.product,
        "rack": stand.rack,
        "unit": str(stand.unit),
        "memory": f"{model.slots_populated}x{model.dimm.size_mib // MIB_A_GIB}",
    }


def missing(stand: Stand, alike: Listing) -> Listing:
    """The line of a machine like another one that does not arrive."""
    return alike | {"serial": MISSING_SERIAL, "rack": stand.rack, "unit": str(stand.unit)}


def cable_lines(stand: Stand, cables: Cabling) -> list[Mapping[str, str]]:
    """The lines of a machine's cables as they should be."""
    return [
        {
            "rack": stand.rack,
            "unit": str(stand.unit),
            "interface": name,
            "switch": cable.switch.name,
            "port": cable.switch.port_name(cable.port),
            "speed": str(cable.socket_mbps // 1000),
            "vlan": str(cable.vlan),
            "mtu": str(MTU),
        }
        for name, cable in cables.items()
    ]


def as_csv(lines: Iterable[Mapping[str, str]]) -> str:
    """Lines with the same columns as CSV, with a head; empty for none."""
    rows = list(lines)
    if not rows:
        return ""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
