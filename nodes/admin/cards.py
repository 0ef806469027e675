"""Cards that other apps put on a node's page: a registry of templates and what fills them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from nodes.models import Node

Context = dict[str, Any]
Fill = Callable[[HttpRequest, Node], Context | None]
_CARDS: dict[str, tuple[Fill, bool]] = {}


@dataclass(frozen=True, slots=True)
class Card:
    """A template to include, which finds `context` under the name `card`; a wide one has tables."""

    template: str
    context: Context
    wide: bool = False


def register(template: str, context: Fill, *, wide: bool = False) -> None:
    """Show a template on each node's page with what `context` returns; with None, not at all."""
    _CARDS[template] = (context, wide)


def cards_of(request: HttpRequest, node: Node) -> list[Card]:
    """Return the cards for a node, in the order in which they were registered."""
    filled = ((template, fill(request, node), wide) for template, (fill, wide) in _CARDS.items())
    return [Card(template, found, wide) for template, found, wide in filled if found is not None]
