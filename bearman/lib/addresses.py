"""IP addresses as text."""

from ipaddress import ip_address


def address_or_none(text: str) -> str | None:
    """Return the canonical form of an address, or None for what is not one (or has a zone)."""
    try:
        return str(ip_address(text.strip())) if len(text) < 64 and "%" not in text else None
    except ValueError:
        return None
