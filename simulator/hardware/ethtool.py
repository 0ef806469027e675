"""Prints what `ethtool NAME` and `ethtool -m NAME` would: the formats of ethtool 6.1."""

from typing import NamedTuple

from simulator.hardware.cable import Cable, Medium
from simulator.hardware.identity import Port
from simulator.hardware.optics import eeprom

PORT_WORDS = {
    Medium.TWISTED: "Twisted Pair",
    Medium.COPPER: "Direct Attach Copper",
    Medium.FIBRE: "FIBRE",
}
LINK_MODES = {1000: "1000base", 10000: "10000base", 25000: "25000base", 100000: "100000base"}
MODE_ENDINGS = {Medium.TWISTED: "T", Medium.COPPER: "CR", Medium.FIBRE: "SR"}
LANES = {100000: 4}  # of one module
NOT_SUPPORTED = "netlink error: Operation not supported\n"
NOTHING_THERE = "netlink error: Input/output error\n"


class ModuleAnswer(NamedTuple):
    """What `ethtool -m` prints, or what it complains before it ends with code 1."""

    output: str = ""
    complaint: str = ""


def settings(port: Port, cable: Cable | None) -> bytes:
    """Output of `ethtool NAME`."""
    medium = cable.medium if cable else Medium(port.nic.cable)
    lanes = LANES.get(port.nic.mbps, 1)
    mode = f"{LINK_MODES[port.nic.mbps]}{MODE_ENDINGS[medium]}{lanes if lanes > 1 else ''}/Full"
    up = cable is not None and cable.link
    empty = medium is not Medium.TWISTED and not (cable and cable.plugged)
    lines = [
        f"Settings for {port.name}:",
        f"\tSupported ports: [ {'TP' if medium is Medium.TWISTED else 'FIBRE'} ]",
        f"\tSupported link modes:   {mode}",
        "\tSupported pause frame use: Symmetric Receive-only",
        "\tSupports auto-negotiation: Yes",
        "\tSupported FEC modes: None\t RS\t BASER",
        f"\tAdvertised link modes:  {mode}",
        "\tAdvertised pause frame use: Symmetric",
        "\tAdvertised auto-negotiation: Yes",
        "\tAdvertised FEC modes: Not reported",
        f"\tSpeed: {f'{cable.mbps}Mb/s' if cable and up else 'Unknown!'}",
        f"\tDuplex: {'Full' if up else 'Unknown! (255)'}",
        "\tAuto-negotiation: on",
        f"\tPort: {'Other' if empty else PORT_WORDS[medium]}",
        "\tPHYAD: 0",
        "\tTransceiver: internal",
        "\tSupports Wake-on: d",
        "\tWake-on: d",
        "        Current message level: 0x00000007 (7)",
        "                               drv probe link",
        f"\tLink detected: {'yes' if up else 'no'}",
    ]
    return ("\n".join(lines) + "\n").encode()


def module(port: Port, cable: Cable | None) -> ModuleAnswer:
    """Output of `ethtool -m NAME`, or its complaint."""
    if Medium(port.nic.cable) is Medium.TWISTED:
        return ModuleAnswer(complaint=NOT_SUPPORTED)
    if cable is None or not cable.plugged:
        return ModuleAnswer(complaint=NOTHING_THERE)
    return ModuleAnswer(output=eeprom(port, cable, LANES.get(port.nic.mbps, 1)))
