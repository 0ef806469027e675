"""MAC addresses as programs write them; no Django here."""

import re

_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}", re.ASCII)


def canonical_mac(text: str) -> str:
    """Return the MAC address in `text` in lower case with colons; empty where it is none."""
    mac = text.strip().lower().replace("-", ":")
    return mac if _MAC.fullmatch(mac) else ""
