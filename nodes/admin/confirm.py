"""The page that asks before something is done to machines."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import helpers
from django.http import HttpRequest
from django.template.response import TemplateResponse

from bearman.admin import BearmanAdmin
from nodes.admin.verbs import Verb
from nodes.models import Node

MOST_NAMED = 100


def confirmation(
    page: BearmanAdmin[Node], request: HttpRequest, *, verb: Verb, nodes: list[Node], back: str
) -> TemplateResponse:
    """Return a page that says what will happen, and posts to where it is.

    It names the machines: of power, which most of them will not mind, those in use.
    """
    subject = str(nodes[0]) if len(nodes) == 1 else f"{len(nodes)} nodes"
    named = [node for node in nodes if verb.asks_for(node)] if verb.power else nodes
    context: dict[str, Any] = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "media": page.media,
        "title": f"{verb.label}: {subject}",
        "question": f"{verb.label} {subject}?",
        "verb": verb,
        "some_of": len(nodes) if len(named) < len(nodes) else 0,
        "named_count": len(named),
        "nodes": named[:MOST_NAMED],
        "more": max(0, len(named) - MOST_NAMED),
        "keys": [node.pk for node in nodes],
        "key_name": helpers.ACTION_CHECKBOX_NAME,
        "takes_note": verb.call is not None,
        "back": back,
    }
    return TemplateResponse(request, "nodes/admin/confirm.html", context)
