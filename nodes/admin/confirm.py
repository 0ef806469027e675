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
    """Return a page that names the machines, says what will happen, and posts to where it is."""
    subject = str(nodes[0]) if len(nodes) == 1 else f"{len(nodes)} nodes"
    context: dict[str, Any] = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "media": page.media,
        "title": f"{verb.label}: {subject}",
        "question": f"{verb.label} {subject}?",
        "verb": verb,
        "nodes": nodes[:MOST_NAMED],
        "more": max(0, len(nodes) - MOST_NAMED),
        "keys": [node.pk for node in nodes],
        "key_name": helpers.ACTION_CHECKBOX_NAME,
        "back": back,
    }
    return TemplateResponse(request, "nodes/admin/confirm.html", context)
