"""The buttons of a node's page: a few side by side, those of power in one menu."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from nodes.admin.doing import page_of
from nodes.admin.verbs import Verb, offered
from nodes.models import Node


@dataclass(frozen=True, slots=True)
class Button:
    """A verb for one node: a link where a page asks first or does the rest, else a form."""

    verb: Verb
    url: str
    is_link: bool
    asks: bool


def buttons_of(request: HttpRequest, node: Node) -> dict[str, Any]:
    """Return `buttons`, and in `menu` those of groups, as (group, buttons)."""
    found = [_button(verb, node) for verb in offered(request, node)]
    grouped = groupby((b for b in found if b.verb.group), key=lambda button: button.verb.group)
    return {
        "buttons": [button for button in found if not button.verb.group],
        "menu": [(group, list(buttons)) for group, buttons in grouped],
    }


def _button(verb: Verb, node: Node) -> Button:
    if verb.page:
        return Button(verb, page_of(verb, [node]), is_link=True, asks=True)
    asks = verb.asks_for(node)
    url = reverse("admin:nodes_node_do", args=[node.pk, verb.name])
    return Button(verb, url, is_link=asks, asks=asks)
