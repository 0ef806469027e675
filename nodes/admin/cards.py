"""Cards that other apps put on a node's page: a registry of templates and what fills them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from nodes.models import Node

Context = dict[str, Any]
_CARDS: dict[str, Callable[[HttpRequest, Node], Context | None]] = {}


@dataclass(frozen=True, slots=True)
class Card:
    """A template to include, which finds `context` under the name `card`."""

    template: str
    context: Context


def register(template: str, context: Callable[[HttpRequest, Node], Context | None]) -> None:
    """Show a template on each node's page with what `context` returns; with None, not at all."""
    _CARDS[template] = context


def cards_of(request: HttpRequest, node: Node) -> list[Card]:
    """Return the cards for a node, in the order in which they were registered."""
    filled = ((template, fill(request, node)) for template, fill in _CARDS.items())
    return [Card(template, context) for template, context in filled if context is not None]
