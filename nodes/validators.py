"""Checks on what people type into the Admin."""

from ipaddress import ip_network

from django.core.exceptions import ValidationError


def validate_network(text: str) -> None:
    """Refuse what is not a network in CIDR form without host bits (RFC 4632, RFC 4291)."""
    try:
        ip_network(text)
    except ValueError as error:
        raise ValidationError(f"{text!r} is not a network such as 10.1.0.0/16: {error}.") from error
