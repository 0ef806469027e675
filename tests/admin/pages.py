"""What tests read from a page."""

import re
from html import unescape
from typing import Any

from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from nodes.models import Node


def text_of(response: Any) -> str:
    """Return a page's text without its tags, blanks made one."""
    html = response.content.decode()
    html = re.sub(r"<(script|style)\b.*?</\1>", " ", html, flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def told(response: Any) -> list[str]:
    """Return the messages that a request left for the operator."""
    return [str(message) for message in get_messages(response.wsgi_request)]


def node_url(node: Node) -> str:
    """Return the address of a node's page."""
    return reverse("admin:nodes_node_change", args=[node.pk])


def list_url() -> str:
    """Return the address of the list of nodes."""
    return reverse("admin:nodes_node_changelist")


def do(client: Client, node: Node, verb: str, **fields: str) -> Any:
    """Press a node's button for a verb."""
    return client.post(reverse("admin:nodes_node_do", args=[node.pk, verb]), fields)


def do_selected(client: Client, nodes: list[Node], verb: str, **fields: str) -> Any:
    """Run an action on a selection of the list."""
    keys = [str(node.pk) for node in nodes]
    return client.post(list_url(), {"action": verb, "_selected_action": keys, **fields})
