"""How the pages on nodes do what a verb says, for one node or a selection."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from bearman.admin import each
from nodes.admin.confirm import confirmation
from nodes.admin.verbs import Verb
from nodes.models import Node
from nodes.services.power import MAX_NODES as MOST_AT_ONCE
from nodes.services.power import power_ask

if TYPE_CHECKING:
    from nodes.admin.node import NodeAdmin

MOST_NAMED = 10  # nodes in the message that it is done
CONFIRMED = "confirmed"

__all__ = ["MOST_AT_ONCE", "actor_of", "do_verb", "page_of", "selected"]


def do_verb(request: HttpRequest, verb: Verb, nodes: list[Node]) -> HttpResponse | None:
    """Do it and tell it; returns where it leads, if it leads somewhere."""
    if verb.page:
        return HttpResponseRedirect(page_of(verb, nodes))
    if verb.power is not None:
        batch = power_ask(
            nodes=nodes,
            action=verb.power,
            actor=actor_of(request),
            confirmed=CONFIRMED in request.POST,
        )
        return HttpResponseRedirect(reverse("admin:nodes_powerrequest_batch", args=[batch]))
    _call(request, verb, nodes)
    return None


def page_of(verb: Verb, nodes: list[Node]) -> str:
    """Return the address of a verb's own page for some nodes."""
    return f"{reverse(verb.page)}?{urlencode([('node', node.pk) for node in nodes])}"


def selected(verb: Verb) -> Callable[..., HttpResponse | None]:
    """Return the list's action for a verb; one with a warning asks first."""

    def act(page: NodeAdmin, request: HttpRequest, rows: QuerySet[Node]) -> HttpResponse | None:
        keys = list(rows.values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
        if len(keys) > MOST_AT_ONCE:
            messages.error(request, f"Select at most {MOST_AT_ONCE} nodes at once.")
            return None
        nodes = list(page.get_queryset(request).filter(pk__in=keys).order_by("pk"))
        if CONFIRMED not in request.POST and any(map(verb.asks_for, nodes)):
            return confirmation(page, request, verb=verb, nodes=nodes, back=request.get_full_path())
        return do_verb(request, verb, nodes)

    return act


def actor_of(request: HttpRequest) -> str:
    """Return the operator's name."""
    return request.user.get_username()


def _call(request: HttpRequest, verb: Verb, nodes: list[Node]) -> None:
    assert verb.call is not None
    call = verb.call
    actor, note = actor_of(request), request.POST.get("note", "").strip()[:1000]
    done = each(request, nodes, lambda node: call(node, actor, note))
    if len(done) == 1:
        messages.success(request, f"{done[0]} {verb.done}.")
    elif done:
        names = ", ".join(str(node) for node in done[:MOST_NAMED])
        more = f" and {len(done) - MOST_NAMED} more" if len(done) > MOST_NAMED else ""
        messages.success(request, f"{verb.label}: done for {len(done)} nodes: {names}{more}.")
