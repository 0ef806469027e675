"""How the pages on profiles look things up."""

from collections.abc import Mapping

from django import template

register = template.Library()


@register.filter
def at(values: Mapping[str, list[str]] | None, name: str) -> list[str]:
    """Return what stands under a name, such as a field's problems."""
    return values.get(name, []) if values else []
