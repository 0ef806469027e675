"""How the Admin's templates show deployments; each filter escapes what it is given."""

from datetime import datetime

from django import template
from django.utils.safestring import SafeString

from baremetal import labels
from baremetal.models import Baremetal

register = template.Library()


@register.filter
def state_badge(state: str) -> SafeString:
    """Show a state as a coloured label."""
    return labels.state_badge(state)


@register.filter
def deployment_event_badge(kind: str) -> SafeString:
    """Show the kind of an event as a coloured label."""
    return labels.event_badge(kind)


@register.filter
def late_badge(row: Baremetal) -> SafeString | str:
    """Show a mark on what is late."""
    return labels.late_badge(row)


@register.filter
def late_words(row: Baremetal) -> str:
    """Show in a sentence what is late."""
    return labels.late_words(row)


@register.filter
def step_words(step: str) -> str:
    """Show what a step waits for."""
    return labels.step_words(step)


@register.filter
def took(seconds: float) -> str:
    """Show a duration."""
    return labels.took(seconds)


@register.filter
def took_since(moment: datetime | None) -> str:
    """Show how long ago something was, as a duration."""
    return labels.took_since(moment) if moment else ""
