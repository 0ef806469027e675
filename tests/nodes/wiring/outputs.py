"""What lldpcli, ip and ethtool print on a machine of the made-up fabric."""

import json
import random
from typing import Any

from nodes.wiring.readings import RawLink, RawWiring
from tests.nodes.wiring.fabric import RX_LOW, Machine, Wire

# The shapes that lldpd's writer makes of one and the same; see nodes/wiring/lldp.py.
SHAPES = ("json", "json0", "dict")


def port_name(style: str, number: int) -> str:
    """The port as that kind of switch calls it."""
    return f"xe-0/0/{number}" if style in ("junos", "mac") else style.format(number)


def raw_wiring(machine: Machine, rng: random.Random) -> RawWiring:
    """All outputs of a machine."""
    shape = rng.choice(SHAPES)
    domain = rng.choice(("", ".example.net"))
    lldp = machine.lldp
    if lldp is None:
        lldp = json.dumps(lldp_document(machine, shape, domain)).encode()
    ip_link = machine.ip_link if machine.ip_link is not None else ip_output(machine)
    links = [
        RawLink(name, settings(name, wire), *module(wire))
        for name, wire in machine.wires.items()
        if wire.exists
    ]
    return RawWiring(lldp, ip_link, links)


def lldp_document(machine: Machine, shape: str, domain: str = "") -> dict[str, Any]:
    """The document of `lldpcli -f json show neighbors details`, or of `-f json0`."""
    entries: list[tuple[str, dict[str, Any]]] = []
    for name, wire in machine.wires.items():
        if wire.exists and wire.up and wire.lldp:
            entries.append((name, _entry(wire.switch + domain, machine.style, wire)))
            if wire.stranger:
                entries.append((name, _entry(wire.stranger, "{}", Wire("x", 1))))
    if shape == "json0":
        return {"lldp": [{"interface": [{"name": n, **_wrapped(e)} for n, e in entries]}]}
    folded = [(name, _folded(entry)) for name, entry in entries]
    if not entries:
        return {"lldp": {}}
    if len(entries) == 1 or (shape == "dict" and len(dict(entries)) == len(entries)):
        return {"lldp": {"interface": dict(folded)}}
    return {"lldp": {"interface": [{name: entry} for name, entry in folded]}}


def _entry(switch: str, style: str, wire: Wire) -> dict[str, Any]:
    name = port_name(style, wire.port)
    port: dict[str, Any] = {"id": {"type": "ifname", "value": name}, "descr": "to a machine"}
    if style == "junos":
        port = {"id": {"type": "local", "value": str(500 + wire.port)}, "descr": name}
    elif style == "mac":
        port = {"id": {"type": "mac", "value": f"02:00:00:00:01:{wire.port:02x}"}, "descr": name}
    port["ttl"] = "120"
    if wire.frame is not None:
        port["mfs"] = str(wire.frame)
    vlans = [{"vlan-id": "999", "pvid": False, "value": "other"}]
    if wire.vlan is not None:
        vlans.append({"vlan-id": str(wire.vlan), "pvid": True, "value": f"v{wire.vlan}"})
    mac = f"02:00:00:{sum(map(ord, switch)) % 256:02x}:{len(switch):02x}:01"
    chassis = {
        "id": {"type": "mac", "value": mac},
        "name": switch,
        "descr": "A switch\nwith two lines",
        "mgmt-ip": ["192.0.2.1", "2001:db8::1"],
        "capability": [{"type": "Bridge", "enabled": True}, {"type": "Router", "enabled": False}],
    }
    return {
        "via": "LLDP",
        "rid": "1",
        "age": "0 day, 00:01:00",
        "chassis": chassis,
        "port": port,
        "vlan": vlans,
    }


def _folded(entry: dict[str, Any]) -> dict[str, Any]:
    """As `-f json` writes it: names outside, lists of one element unfolded."""
    chassis = dict(entry["chassis"])
    name = chassis.pop("name")
    vlans = entry["vlan"]
    return {
        **entry,
        "chassis": {name: chassis} if name else chassis,
        "vlan": vlans[0] if len(vlans) == 1 else vlans,
    }


def _wrapped(entry: dict[str, Any]) -> dict[str, Any]:
    """As `-f json0` writes it: lists everywhere, texts as objects with `value`."""
    chassis, port = entry["chassis"], entry["port"]
    return {
        **entry,
        "chassis": [
            {
                "id": [chassis["id"]],
                "name": [{"value": chassis["name"]}],
                "descr": [{"value": chassis["descr"]}],
                "mgmt-ip": [{"value": address} for address in chassis["mgmt-ip"]],
                "capability": chassis["capability"],
            }
        ],
        "port": [
            {
                key: [value] if isinstance(value, dict) else [{"value": value}]
                for key, value in port.items()
            }
        ],
    }


def ip_output(machine: Machine) -> bytes:
    """The output of `ip -json -details link`, with a loopback and the USB link to the BMC."""
    entries: list[dict[str, Any]] = [
        {"ifname": "lo", "link_type": "loopback", "flags": ["LOOPBACK", "UP", "LOWER_UP"]},
        {
            "ifname": "usb0",
            "link_type": "ether",
            "address": "06:00:00:00:00:01",
            "flags": ["UP", "LOWER_UP"],
            "parentbus": "usb",
        },
    ]
    for number, (name, wire) in enumerate(machine.wires.items()):
        if wire.exists:
            carrier = ["UP", "LOWER_UP"] if wire.up else ["NO-CARRIER", "UP"]
            entries.append(
                {
                    "ifname": name,
                    "link_type": "ether",
                    "address": f"0c:42:a1:{machine.unit:02x}:00:{number:02x}",
                    "mtu": 1500,
                    "operstate": "UP" if wire.up else "DOWN",
                    "flags": ["BROADCAST", "MULTICAST", *(carrier if wire.on else [])],
                    "parentbus": "pci",
                }
            )
    return json.dumps(entries).encode()


def settings(name: str, wire: Wire) -> bytes:
    """The output of `ethtool NAME`."""
    kind = {"rj45": "Twisted Pair", "dac": "Direct Attach Copper"}.get(wire.medium, "FIBRE")
    up = wire.on and wire.up
    speed = f"{wire.speed}Mb/s" if up and wire.speed else "Unknown!"
    return "\n".join(
        (
            f"Settings for {name}:",
            "\tSupported ports: [ FIBRE ]",
            "\tSupported link modes:   10000baseT/Full",
            "\t                        25000baseCR/Full",
            "\tSupports auto-negotiation: Yes",
            f"\tSpeed: {speed}",
            f"\tDuplex: {'Full' if up else 'Unknown! (255)'}",
            "\tAuto-negotiation: on",
            f"\tPort: {kind}",
            "\tPHYAD: 0",
            f"\tLink detected: {'yes' if up else 'no'}",
            "",
        )
    ).encode()


def module(wire: Wire) -> tuple[bytes, bytes]:
    """The output of `ethtool -m NAME`, and what it complained."""
    if wire.medium == "rj45":
        return b"", b"netlink error: Operation not supported\n"
    if not wire.module:
        return b"", b"Cannot get module EEPROM information: Input/output error\n"
    lines = [_line("Identifier", "0x03 (SFP)" if wire.medium != "qsfp" else "0x11 (QSFP28)")]
    if wire.medium == "dac":
        lines += [
            _line("Connector", "0x21 (Copper pigtail)"),
            _line("Transceiver type", "Extended: 100G Base-CR4 or 25G Base-CR CA-L"),
        ]
    else:
        lines += [
            _line("Connector", "0x07 (LC)"),
            _line("Transceiver type", "25GBase-LR or 100G Base-LR4"),
        ]
    lines += [_line("Vendor name", "ACME OPTICS"), _line("Vendor PN", "AO-25-LR")]
    lines += [_line("Laser bias current", "7.100 mA")]
    for number, (tx, rx) in enumerate(zip(wire.tx, wire.rx, strict=True), 1):
        one = wire.medium == "sfp"
        lines += [
            _line(
                "Laser output power" if one else f"Transmit avg optical power (Channel {number})",
                _power(tx),
            ),
            _line(
                "Receiver signal average optical power"
                if one
                else f"Rcvr signal avg optical power(Channel {number})",
                _power(rx),
            ),
        ]
    if wire.rx:
        lines += [
            _line("Laser output power low alarm threshold", _power(-9.4)),
            _line("Laser rx power high alarm threshold", _power(2.5)),
            _line("Laser rx power low alarm threshold", _power(RX_LOW)),
            _line("Laser rx power low warning threshold", _power(RX_LOW + 1)),
        ]
    return "".join(lines).encode(), b""


def _line(key: str, value: str) -> str:
    return f"\t{key:<41} : {value}\n"


def _power(dbm: float) -> str:
    if dbm <= -40:
        return "0.0000 mW / -inf dBm"
    return f"{10 ** (dbm / 10):.4f} mW / {dbm:.2f} dBm"
