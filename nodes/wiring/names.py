"""When two names of a switch, or of one of its ports, mean the same."""

import re
from functools import lru_cache
from typing import Final

# Cisco's NX-OS puts the serial number behind the name: `leaf-1(FOX12345ABC)`.
_SERIAL = re.compile(r"\([a-z0-9]{4,20}\)$")
MAC: Final = re.compile(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}")
_ADDRESS = re.compile(r"[0-9.]+|[0-9a-f:]+")

# The numbers at the end of a port's name, with what stands before them.
_PORT = re.compile(
    r"((?:[0-9]{1,3}(?=ge))?[a-z][a-z_+ -]*?)?[ _-]{0,3}"
    r"([0-9]{1,5}(?:[/:][0-9]{1,5}){0,4})(s[0-9]{1,2})?"
)

# Short forms that switches' own command lines and LLDP agents use for one kind of port.
_KINDS: Final[dict[str, str]] = {
    short: kind
    for kind, shorts in {
        "ethernet": "ethernet eth et e",
        "gigabitethernet": "gigabitethernet gigabiteth gigabit gig gige ge gi",
        "2.5g": "twogigabitethernet tw two",
        "10g": "tengigabitethernet tengige tengig ten te xe xge 10ge xgigabitethernet",
        "25g": "twentyfivegigabitethernet twentyfivegige twe 25ge",
        "40g": "fortygigabitethernet fortygige fo 40ge",
        "100g": "hundredgigabitethernet hundredgige hu 100ge",
        "port": "port p",
        "swp": "swp",
    }.items()
    for short in shorts.split()
}

# No place for a cable, or not one for data: a bare number never means one of these.
_NOT_DATA: Final = frozenset(
    {
        *("ae", "bond", "bridge", "br", "bvi", "bundle-ether", "irb", "lag", "lo", "loopback"),
        *("port-channel", "portchannel", "po", "trk", "tunnel", "vl", "vlan", "vlanif"),
        *("con", "console", "em", "fxp", "ma", "management", "me", "mgmt", "mgmteth", "usb", "vme"),
    }
)


@lru_cache(maxsize=4096)
def switch_key(name: str) -> str:
    """Return a switch's name in comparable form, with its domain."""
    return _SERIAL.sub("", name.strip().casefold()).rstrip(".")


@lru_cache(maxsize=4096)
def short_switch(name: str) -> str:
    """Return a switch's name in comparable form up to its first dot; an address as it is."""
    key = switch_key(name)
    return key if _ADDRESS.fullmatch(key) else key.partition(".")[0]


def same_switch(one: str, other: str) -> bool:
    """Tell whether two names mean one switch.

    Case does not matter, nor does a domain that only one of them has: `leaf-1` is
    `LEAF-1.example.net`, but `leaf-1.east` is not `leaf-1.west`.
    """
    first, second = switch_key(one), switch_key(other)
    if first == second:
        return bool(first)
    both_long = first != short_switch(one) and second != short_switch(other)
    return not both_long and bool(first) and short_switch(one) == short_switch(other)


@lru_cache(maxsize=16384)
def port_key(name: str) -> str:
    """Return a port's name in comparable form.

    Case, blanks and the usual short forms do not matter: `Ethernet1/7`, `Eth1/7` and `et 1/7` have
    one key, and so have `TenGigabitEthernet1/0/7` and `Te1/0/7`.
    """
    kind, numbers = _parts(name)
    return f"{kind} {numbers}".strip() if numbers else " ".join(name.casefold().split())


@lru_cache(maxsize=16384)
def port_number(name: str) -> int | None:
    """Return the number that a person means by "port 7": the last one of the name.

    None for a name without one, for a port that is split in lanes (`swp7s0`) and for one that
    carries no data (`mgmt0`, `Port-channel7`).
    """
    kind, numbers = _parts(name)
    if not numbers or "s" in numbers or kind in _NOT_DATA:
        return None
    return int(re.split("[/:]", numbers)[-1])


def same_port(planned: str, seen: str) -> bool:
    """Tell whether two names mean one port of a switch.

    Besides what `port_key` says: a name that is a bare number means the port whose name ends in
    that number, so 7 is `Ethernet1/7`, `et-0/0/7`, `swp7` and `Port 7`; and numbers without a kind
    (`1/1/7`) mean the port with these very numbers. Two names with kinds must agree in both.
    """
    if port_key(planned) == port_key(seen):
        return bool(port_key(planned))
    (kind, numbers), (other, others) = _parts(planned), _parts(seen)
    if not numbers or not others or (kind and other):
        return False
    if (kind or other) in _NOT_DATA:
        return False
    if numbers.isdigit() or others.isdigit():
        bare = (not kind and numbers.isdigit()) or (not other and others.isdigit())
        return bare and port_number(planned) == port_number(seen) is not None
    return _plain(numbers) == _plain(others)


@lru_cache(maxsize=16384)
def _parts(name: str) -> tuple[str, str]:
    """Return the kind of a port and its numbers; both empty where the name is of another form."""
    found = _PORT.fullmatch(" ".join(name.casefold().split()))
    if found is None:
        return "", ""
    kind = (found[1] or "").strip(" _-")
    return _KINDS.get(kind, kind), _plain(found[2]) + (found[3] or "")


def _plain(numbers: str) -> str:
    """Return the numbers without zeros in front: `1/07` is `1/7`."""
    return re.sub(r"(?<![0-9])0+(?=[0-9])", "", numbers)
