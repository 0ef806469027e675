"""Parses what `ipmitool mc info` prints."""

import re
from typing import Final

from nodes.inventory.text import clean, decode

_MAX_BYTES: Final = 64 * 1024
_REVISION = re.compile(r"^Firmware Revision\s*:\s*([0-9]{1,3}\.[0-9a-fA-F]{1,2})\s*$", re.MULTILINE)
# Four bytes (IPMI 2.0 section 20.1), each on a line of its own, whose meaning is the vendor's.
_AUX = re.compile(
    r"^Aux Firmware Rev Info\s*:[ \t]*\n((?:[ \t]+0x[0-9a-fA-F]{2}[ \t]*\n?){1,4})", re.MULTILINE
)


def parse_mc_info(text: str | bytes) -> str:
    """Return the BMC's version, such as `4.22` or `4.22 aux 19.00.00.00`; empty for none.

    Auxiliary bytes that are all zero say nothing and are left out.
    """
    if isinstance(text, bytes):
        text = decode(text[:_MAX_BYTES])
    text = text.replace("\r\n", "\n")
    found = _REVISION.search(text)
    if found is None:
        return ""
    aux = [byte.removeprefix("0x").lower() for byte in _aux_bytes(text)]
    return clean(f"{found[1]} aux {'.'.join(aux)}" if any(map(_counts, aux)) else found[1])


def _aux_bytes(text: str) -> list[str]:
    found = _AUX.search(text)
    return found[1].split() if found else []


def _counts(byte: str) -> bool:
    return byte != "00"
