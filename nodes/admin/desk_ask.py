"""The questions that the identity desk asks before it decides."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest

from nodes.admin import cards, verbs
from nodes.admin.doing import CONFIRMED, actor_of
from nodes.models import Node
from nodes.services.desk import may_undecide, node_merge, node_own, node_reject, node_undecide
from nodes.states import Decision, NodeStatus

Call = Callable[[Node, str, str], object]


@dataclass(frozen=True, slots=True)
class Ask:
    """A decision: how it is asked for, what follows from it, and how it is told when done."""

    label: str
    question: str
    follows: tuple[str, ...]
    done: str
    danger: bool = False


ASKED = {
    "merge": Ask(
        "Merge",
        "Is {node} the machine of node {into}?",
        (
            "Node {into} gets this machine's UUID and inventory. It keeps its number, its place, "
            "the address of its BMC and its history.",
            "Its BMC must be proven anew: it registers at its next boot from the network.",
            "The row in quarantine is retired. It keeps what node {into} was before, and points to "
            "it.",
            "It can be taken back on this machine's page until it has been heard of again.",
        ),
        "was merged into node {into}. Switch it off and on, so that it registers.",
    ),
    "own": Ask(
        "Own identity",
        "Is {node} a machine of its own?",
        (
            "From then on its board and its interfaces tell who it is; its UUID may stay as it is.",
            "It registers at its next boot from the network and gets its own address and "
            "credential. Nothing of another node changes.",
            "What machines with this UUID boot is decided by the MAC address that they boot from. "
            "One that does not say it is told to ask again with it; it is best if DHCP sends all "
            "machines to /ipxe/${{uuid}}?mac=${{netX/mac}}.",
            "It can be taken back until it has registered.",
        ),
        "has its own identity. Switch it off and on, so that it registers.",
    ),
    "reject": Ask(
        "Reject",
        "Turn {node} away?",
        (
            "Its row is retired and kept for its history.",
            "If the machine comes again it is quarantined again, with a word of this decision.",
            "It can be taken back on its page.",
        ),
        "was rejected. Its page has a button that takes it back.",
        danger=True,
    ),
}


def ask(request: HttpRequest, node: Node, choice: str) -> dict[str, Any]:
    """Return what the page of the question shows; raises Http404 for a merge into nothing."""
    asked = ASKED[choice]
    into = _into(request.GET.get("into", "")) if choice == "merge" else None
    names = {"node": node, "into": into.pk if into else ""}
    return {
        "title": f"{asked.label}: {node}",
        "question": asked.question.format(**names),
        "follows": [line.format(**names) for line in asked.follows],
        "asked": asked,
        "into": into,
        "in_use": into is not None and into.status == NodeStatus.IN_USE,
    }


def decide(request: HttpRequest, node: Node, choice: str) -> None:
    """Do it and tell it; raises what the service refuses."""
    actor, note = actor_of(request), request.POST.get("note", "").strip()[:500]
    into = _into(request.POST.get("into", "")) if choice == "merge" else None
    if into is not None:
        confirmed = CONFIRMED in request.POST
        node_merge(node=node, into=into, actor=actor, note=note, confirmed=confirmed)
    elif choice == "own":
        node_own(node=node, actor=actor, note=note)
    else:
        node_reject(node=node, actor=actor, note=note)
    words = ASKED[choice].done.format(into=into.pk if into else "")
    messages.success(request, f"{node} {words}")


def decided_card(request: HttpRequest, node: Node) -> dict[str, Any] | None:
    """Return what the desk decided about a node, and which rows were merged into it."""
    former = list(Node.objects.filter(same_as=node).order_by("-pk")[:20])
    if not node.decision and not former:
        return None
    return {
        "own": node.decision == Decision.OWN,
        "rejected": node.decision == Decision.REJECTED,
        "same_as": node.same_as if node.decision == Decision.MERGED else None,
        "former": former,
    }


def _into(key: str) -> Node:
    found = (
        Node.objects.filter(pk=int(key[:18])).first() if key.isascii() and key.isdigit() else None
    )
    if found is None:
        raise Http404("There is no such node to merge into.")
    return found


cards.register("nodes/admin/node_decision.html", decided_card)
verbs.register(
    verbs.Verb(
        name="undecide",
        label="Take decision back",
        symbol="undo",
        offered=may_undecide,
        call=lambda node, actor, note: node_undecide(node=node, actor=actor, note=note),
        done="is in quarantine again",
        warning="It is in quarantine again, as it was before the identity desk decided who it is.",
    )
)
verbs.register(
    verbs.Verb(
        name="desk",
        label="Identity desk",
        symbol="fingerprint",
        offered=lambda node: node.status == NodeStatus.QUARANTINED,
        page="admin:nodes_quarantinednode_open",
    ),
    first=True,
)
