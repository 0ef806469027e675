"""How the Admin's templates show machines; each filter escapes what it is given."""

from typing import Any

from django import template
from django.utils.safestring import SafeString

from bearman import pages
from nodes import labels, overview
from nodes.models import Bmc, Node

register = template.Library()


@register.filter
def machine(node: Node) -> SafeString | str:
    """Show vendor, product and serial of a machine."""
    return pages.cut(str(node), 64)


@register.filter
def status_badge(status: str) -> SafeString:
    """Show a status as a coloured label."""
    return labels.status_badge(status)


@register.filter
def event_badge(kind: str) -> SafeString:
    """Show the kind of an event as a coloured label."""
    return labels.event_badge(kind)


@register.filter
def result_badge(result: str) -> SafeString:
    """Show how far a power request is as a coloured label."""
    return labels.result_badge(result)


@register.filter
def power_badge(bmc: Bmc | None) -> SafeString | str:
    """Show the power state that was read last as a coloured label."""
    return labels.power_badge(bmc)


@register.simple_tag
def first_steps() -> dict[str, Any]:
    """Return what a new installation still lacks before the first machine can register."""
    return overview.first_steps()
