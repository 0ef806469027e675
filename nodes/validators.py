"""Checks on what people type into the Admin."""

import re
from ipaddress import ip_network

from django.core.exceptions import ValidationError

from nodes.expected.memory import parse_memory

_MAC = re.compile(r"([0-9a-f]{2}:){5}[0-9a-f]{2}")


def validate_network(text: str) -> None:
    """Refuse what is not a network in CIDR form without host bits (RFC 4632, RFC 4291)."""
    try:
        ip_network(text)
    except ValueError as error:
        raise ValidationError(f"{text!r} is not a network such as 10.1.0.0/16: {error}.") from error


def validate_memory(text: str) -> None:
    """Refuse what is not modules and their size, such as 16x32."""
    try:
        parse_memory(text)
    except ValueError as error:
        raise ValidationError(str(error)) from error


def validate_mac(text: str) -> None:
    """Refuse what is not a MAC address in the form that the database keeps."""
    if not _MAC.fullmatch(text):
        raise ValidationError(f"{text!r} is no MAC address such as b0:26:28:12:34:56.")
