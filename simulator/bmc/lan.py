"""LAN configuration of a BMC: the parameters of IPMI 2.0 table 23-4, and words for them."""

from enum import IntEnum, StrEnum
from ipaddress import IPv4Address

ENABLE_VLAN = 0x8000  # bit 15 of parameter 20


class Parameter(IntEnum):
    """Parameter numbers of table 23-4 that a person or `ipmitool lan set` changes."""

    ADDRESS = 3
    SOURCE = 4
    MAC = 5
    NETMASK = 6
    GATEWAY = 12
    VLAN = 20


class Source(IntEnum):
    """Where the address comes from: table 23-4, parameter 4."""

    NONE = 0
    STATIC = 1
    DHCP = 2
    BIOS = 3


class LanParam(StrEnum):
    """The same parameters under the words of `ipmitool lan set CHANNEL PARAM VALUE`."""

    IPADDR = "ipaddr"
    IPSRC = "ipsrc"
    NETMASK = "netmask"
    GATEWAY = "defgw ipaddr"
    MACADDR = "macaddr"
    VLAN = "vlan id"


# Lengths in bytes: table 23-4. Zeros unless named here.
_LENGTHS = {1: 1, 2: 5, 3: 4, 4: 1, 5: 6, 6: 4, 7: 3, 8: 2, 10: 1, 11: 1, 12: 4, 13: 6}
_LENGTHS |= {14: 4, 15: 6, 16: 18, 20: 2, 21: 1, 22: 1, 23: 3, 24: 9, 26: 6}
_READ_ONLY = {1, 22, 23}
_FACTORY = {
    7: b"\x40\x40\x10",  # time to live 64, don't fragment, minimise delay
    8: (623).to_bytes(2, "little"),
    16: b"public".ljust(18, b"\0"),
    22: b"\x02",
    23: b"\x00\x03\x11",  # reserved, cipher suites 3 and 17
    24: b"\x00\x44" + bytes(7),  # both up to Administrator
}


class UnknownParameterError(Exception):
    """A parameter that this BMC does not have."""


class BmcAddressError(Exception):
    """An address that the simulated BMC cannot answer on: taken, or not this machine's."""


class ReadOnlyParameterError(Exception):
    """A parameter that cannot be set."""


class LanConfig:
    """All LAN parameters of one channel, as the bytes that go over the wire."""

    def __init__(self, mac: str) -> None:
        zeros = {number: bytes(length) for number, length in _LENGTHS.items()}
        self._values = zeros | _FACTORY | {int(Parameter.MAC): _mac(mac)}

    def get(self, number: int) -> bytes:
        """Bytes of a parameter; raises UnknownParameterError."""
        if number not in self._values:
            raise UnknownParameterError(str(number))
        return self._values[number]

    def put(self, number: int, value: bytes) -> None:
        """Set a parameter; raises UnknownParameterError, ReadOnlyParameterError, ValueError."""
        if number in _READ_ONLY:
            raise ReadOnlyParameterError(str(number))
        if len(value) != len(self.get(number)):
            raise ValueError(f"parameter {number} has {len(self.get(number))} bytes")
        self._values[number] = value

    @property
    def mac(self) -> str:
        """The MAC address in lower case with colons."""
        return self._values[Parameter.MAC].hex(":")

    @property
    def source(self) -> Source:
        """Where the address comes from; an unknown number counts as none."""
        number = self._values[Parameter.SOURCE][0] & 0x0F
        return Source(number) if number in Source.__members__.values() else Source.NONE

    @property
    def address(self) -> IPv4Address:
        """The configured address; 0.0.0.0 when there is none."""
        return IPv4Address(self._values[Parameter.ADDRESS])

    @property
    def netmask(self) -> IPv4Address:
        """The configured netmask; 0.0.0.0 when there is none."""
        return IPv4Address(self._values[Parameter.NETMASK])

    @property
    def gateway(self) -> IPv4Address:
        """The default gateway; 0.0.0.0 when there is none."""
        return IPv4Address(self._values[Parameter.GATEWAY])

    @property
    def vlan_id(self) -> int | None:
        """The 802.1q VLAN id, or None when tagging is off."""
        number = int.from_bytes(self._values[Parameter.VLAN], "little")
        return number & 0x0FFF if number & ENABLE_VLAN else None


def encode(param: LanParam, value: str) -> tuple[Parameter, bytes]:
    """Wire form of `ipmitool lan set 1 PARAM VALUE`; raises ValueError with what is wrong."""
    match param:
        case LanParam.IPADDR:
            return Parameter.ADDRESS, IPv4Address(value).packed
        case LanParam.NETMASK:
            return Parameter.NETMASK, IPv4Address(value).packed
        case LanParam.GATEWAY:
            return Parameter.GATEWAY, IPv4Address(value).packed
        case LanParam.IPSRC:
            return Parameter.SOURCE, bytes([_source(value)])
        case LanParam.MACADDR:
            return Parameter.MAC, _mac(value)
        case LanParam.VLAN:
            return Parameter.VLAN, _vlan(value)


def _source(value: str) -> Source:
    if value.upper() not in Source.__members__:
        raise ValueError(f"address source {value!r} is none of none, static, dhcp, bios")
    return Source[value.upper()]


def _mac(value: str) -> bytes:
    raw = bytes.fromhex(value.replace(":", ""))
    if len(raw) != 6:
        raise ValueError(f"{value!r} is not a MAC address")
    return raw


def _vlan(value: str) -> bytes:
    if value == "off":
        return bytes(2)
    number = int(value)
    if not 1 <= number <= 4094:
        raise ValueError(f"VLAN id {value} is not between 1 and 4094")
    return (number | ENABLE_VLAN).to_bytes(2, "little")
