"""Prints what `lldpcli -f json show neighbors details` would.

The writer of lldpd 1.0 folds lists of one: no neighbour is an empty object, one is an object under
the interface's name, and several are a list of such objects (src/client/json_writer.c).
"""

import json
from typing import Any

from simulator.hardware.cable import Cable, Cabling

TTL_SECONDS = 120
# IEEE 802.3 MAU types (RFC 4836), as lldpd names what a port can do.
MAU_TYPES = {
    1000: "1000BaseTFD - Four-pair Category 5 UTP, full duplex mode",
    10000: "10GbaseSR - R fiber over 850 nm optics",
}


def lldpcli(cables: Cabling) -> bytes:
    """The output of lldpcli on a machine with these cables."""
    heard = [{name: _neighbour(cable)} for name, cable in cables.items() if cable.says_who]
    lldp: dict[str, Any] = {}
    if heard:
        lldp["interface"] = heard[0] if len(heard) == 1 else heard
    return (json.dumps({"lldp": lldp}, indent=2) + "\n").encode()


def _neighbour(cable: Cable) -> dict[str, Any]:
    switch = cable.switch
    return {
        "via": "LLDP",
        "rid": "1",
        "age": "0 day, 00:00:41",
        "chassis": {
            switch.name: {
                "id": {"type": "mac", "value": switch.chassis},
                "descr": switch.descr,
                "mgmt-ip": "192.0.2.1",
                "capability": [
                    {"type": "Bridge", "enabled": True},
                    {"type": "Router", "enabled": True},
                ],
            }
        },
        "port": {
            "id": {"type": "ifname", "value": switch.port_name(cable.port)},
            "descr": switch.port_name(cable.port),
            "ttl": str(TTL_SECONDS),
            "mfs": str(cable.max_frame),
            "auto-negotiation": {
                "supported": True,
                "enabled": cable.mbps <= 1000,
                "current": MAU_TYPES.get(cable.mbps, "unknown"),
            },
        },
        "vlan": {"vlan-id": str(cable.vlan), "pvid": True, "value": f"VLAN{cable.vlan:04d}"},
    }
