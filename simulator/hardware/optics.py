"""What is in the EEPROM of a module, as ethtool prints it.

SFP modules after SFF-8472, QSFP28 modules after SFF-8636 (ethtool 6.1: sfpid.c, sfpdiag.c, qsfp.c).
"""

from collections.abc import Iterator

from simulator.hardware.cable import Cable, Medium
from simulator.hardware.identity import Port

WIDTH = 41  # columns of a label in ethtool
LANE_STEP_DB = 0.11  # no two lanes are the same
RX_ALARM_DBM, RX_WARNING_DBM = -13.1, -11.1
TX_ALARM_DBM, TX_WARNING_DBM = -9.4, -8.4
HIGH_ALARM_DBM, HIGH_WARNING_DBM = 3.4, 2.4

Rows = Iterator[tuple[str, str]]


def eeprom(port: Port, cable: Cable, lanes: int) -> str:
    """All lines of one module."""
    rows = _qsfp(port, cable, lanes) if lanes > 1 else _sfp(port, cable)
    return "".join(f"\t{label:<{WIDTH}} : {value}\n" for label, value in rows)


def power(dbm: float | None) -> str:
    """A level of light as ethtool prints it: in mW, and in dBm, of which nothing is -inf."""
    milliwatt = 0.0 if dbm is None else 10 ** (dbm / 10)
    if milliwatt < 0.00005:  # the registers count tenths of a microwatt
        return "0.0000 mW / -inf dBm"
    return f"{milliwatt:.4f} mW / {dbm:.2f} dBm"


def _sfp(port: Port, cable: Cable) -> Rows:
    copper = cable.medium is Medium.COPPER
    fast = cable.socket_mbps >= 25000
    yield "Identifier", "0x03 (SFP)"
    yield "Extended identifier", "0x04 (GBIC/SFP defined by 2-wire interface ID)"
    yield "Connector", "0x21 (Copper pigtail)" if copper else "0x07 (LC)"
    codes = "0x00 0x00 0x00 0x00 0x00 0x04 0x00 0x00 0x0d" if copper else "0x10" + " 0x00" * 8
    yield "Transceiver codes", codes
    if copper:
        yield "Transceiver type", "Passive Cable"
        yield "Transceiver type", "Extended: 25G Base-CR CA-N / 25GBASE-CR CA-25G-N"
    else:
        kind = "Extended: 100GBASE-SR4 / 25GBASE-SR" if fast else "10G Ethernet: 10G Base-SR"
        yield "Transceiver type", kind
    yield "Encoding", "0x06 (64B/66B)"
    yield "BR, Nominal", "25750MBd" if fast else "10300MBd"
    yield "Length (SMF,km)", "0km"
    yield "Length (Copper)" if copper else "Length (OM3)", "3m" if copper else "70m"
    if copper:
        yield "Passive Cu cmplnce.", "0x01 (SFF-8431 appendix E) [SFF-8472 rev10.4 only]"
    else:
        yield "Laser wavelength", "850nm"
    yield from _vendor(port, "CAB-SFP28-P3M" if copper else "SFP-25G-SR" if fast else "SFP-10G-SR")
    yield "Optical diagnostics support", "No" if copper else "Yes"
    if not copper:
        yield from _sfp_light(cable)


def _sfp_light(cable: Cable) -> Rows:
    dark = cable.rx_dbm is None or cable.rx_dbm < RX_ALARM_DBM
    yield "Laser bias current", "6.904 mA" if cable.tx_dbm is not None else "0.000 mA"
    yield "Laser output power", power(cable.tx_dbm)
    yield "Receiver signal average optical power", power(cable.rx_dbm)
    yield "Module temperature", "34.18 degrees C / 93.53 degrees F"
    yield "Module voltage", "3.2914 V"
    yield "Alarm/warning flags implemented", "Yes"
    yield "Laser rx power high alarm", "Off"
    yield "Laser rx power low alarm", "On" if dark else "Off"
    for label, low in (("output", TX_ALARM_DBM), ("rx", RX_ALARM_DBM)):
        yield f"Laser {label} power high alarm threshold", power(HIGH_ALARM_DBM)
        yield f"Laser {label} power low alarm threshold", power(low)
        yield f"Laser {label} power high warning threshold", power(HIGH_WARNING_DBM)
        warning = TX_WARNING_DBM if label == "output" else RX_WARNING_DBM
        yield f"Laser {label} power low warning threshold", power(warning)


def _qsfp(port: Port, cable: Cable, lanes: int) -> Rows:
    yield "Identifier", "0x11 (QSFP28)"
    yield "Extended identifier", "0xcc"
    yield "Extended identifier description", "3.5W max. Power consumption"
    yield "Connector", "0x0c (MPO Parallel Optic)"
    yield "Transceiver codes", "0x80" + " 0x00" * 7
    yield "Transceiver type", "100G Ethernet: 100G Base-SR4 or 25GBase-SR"
    yield "Encoding", "0x05 (64B/66B)"
    yield "BR, Nominal", "25500Mbps"
    yield "Laser wavelength", "850.000nm"
    yield from _vendor(port, "QSFP28-SR4-100G")
    yield "Module temperature", "37.62 degrees C / 99.72 degrees F"
    yield "Module voltage", "3.2891 V"
    yield "Alarm/warning flags implemented", "Yes"
    numbers = range(1, lanes + 1)
    for number in numbers:
        yield f"Transmit avg optical power (Channel {number})", power(_lane(cable.tx_dbm, number))
    for number in numbers:
        yield f"Rcvr signal avg optical power(Channel {number})", power(_lane(cable.rx_dbm, number))
    yield "Laser rx power high alarm threshold", power(HIGH_ALARM_DBM)
    yield "Laser rx power low alarm threshold", power(RX_ALARM_DBM)


def _lane(dbm: float | None, number: int) -> float | None:
    return None if dbm is None else dbm - LANE_STEP_DB * (number - 1)


def _vendor(port: Port, part: str) -> Rows:
    yield "Vendor name", "FS"
    yield "Vendor OUI", "64:9d:99"
    yield "Vendor PN", part
    yield "Vendor rev", "A"
    yield "Vendor SN", f"S2114{port.mac.replace(':', '')[-6:].upper()}"
    yield "Date code", "210408"
