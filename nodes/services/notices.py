"""Tells people of nodes that fail, are quarantined, or come good."""

from django.conf import settings
from django.urls import reverse

from bearman.lib.issues import Issue, identity, issue_or_none
from bearman.notices.channels.configured import wanted
from bearman.notices.facts import Facts, Group
from bearman.notices.services.troubles import trouble_end, trouble_open
from bearman.notices.states import Outcome
from nodes.models import LinkState, Node
from nodes.states import NodeStatus

NOUN = "node"
DID = {
    NodeStatus.REGISTER_FAILED: "failed to register",
    NodeStatus.QUARANTINED: "is quarantined",
}
ENDS = {
    NodeStatus.READY: (Outcome.GOOD, "it is READY"),
    NodeStatus.MAINTENANCE: (Outcome.ASIDE, "it was taken into maintenance"),
    NodeStatus.RETIRED: (Outcome.ASIDE, "it was retired"),
}
MACHINES = frozenset({"system", "node"})  # every other actor is a person
MOST_LINKS = 4  # in one message
WIRING, ADDRESSES = "WIRE-", "ADDR-"  # how the codes of these areas begin


def node_told(*, node_id: int, to: NodeStatus, actor: str) -> None:
    """Write down for people what a change of status means; call it in its transaction.

    What an operator does needs no message to say so, but ends one that asks for somebody.
    """
    if not wanted() or (to not in DID and to not in ENDS):
        return
    node = Node.objects.select_related("zone", "flavor").defer("searched").get(pk=node_id)
    if to in ENDS or node.issue == identity.DECIDED.code:
        outcome, words = ENDS.get(to, (Outcome.ASIDE, "it was decided who it is"))
        by = f" by {actor}" if outcome is Outcome.ASIDE else ""
        trouble_end(subject=subject_of(node), outcome=outcome, words=words + by)
    elif actor not in MACHINES:
        words = f"{actor} has decided: it is {to} now"
        trouble_end(subject=subject_of(node), outcome=Outcome.ASIDE, words=words)
    else:
        trouble_open(subject=subject_of(node), group=_group(node), facts=facts_of(node, DID[to]))


def subject_of(node: Node) -> str:
    """Return the name under which the notices know a node."""
    return f"{NOUN}:{node.key}"


def facts_of(node: Node, did: str) -> Facts:
    """Return what a message says of a node as it is now; `did` goes on after its name."""
    issue = issue_or_none(node.issue)
    page = reverse("admin:nodes_node_change", args=[node.pk])
    return Facts(
        name=str(node),
        code=node.issue,
        title=issue.title if issue else "",
        did=did,
        step=node.step,
        reason=node.reason,
        advice=node.advice,
        place=rack_and_unit(node),
        details=details_of(node),
        ssh=f"ssh root@{node.address}" if node.address else "",
        url=f"{settings.PUBLIC_URL}{page}",
    )


def details_of(node: Node) -> tuple[tuple[str, str], ...]:
    """Return what a person wants to know on the way to a machine: which it is, and where."""
    return (
        ("Vendor and model", f"{node.vendor} {node.product_name}".strip()),
        ("Serial", node.serial),
        ("Place", rack_and_unit(node)),
        *(("Switch port", words) for words in ports_of(node)),
        ("Zone", str(node.zone or "")),
        ("Flavor", str(node.flavor or "")),
    )


def rack_and_unit(node: Node) -> str:
    """Return where it stands, as far as that is known."""
    unit = f"unit {node.unit}" if node.unit else ""
    return " ".join(filter(None, (f"rack {node.rack}" if node.rack else "", unit)))


def ports_of(node: Node) -> list[str]:
    """Return the switch ports of the last wiring check, those with a fault first."""
    links = LinkState.objects.filter(node=node).exclude(switch="", wanted_switch="")
    worst_first = sorted(links, key=lambda link: (not link.issue, link.interface))
    return [_port(link) for link in worst_first[:MOST_LINKS]]


def _port(link: LinkState) -> str:
    seen, planned = f"{link.switch} {link.port}", f"{link.wanted_switch} {link.wanted_port}"
    if not link.switch:
        return f"{link.interface}: planned {planned}, sees nothing"
    if not link.wanted_switch or seen == planned:
        return f"{link.interface}: {seen}"
    return f"{link.interface}: {seen}, planned {planned}"


def _group(node: Node) -> Group:
    """Return what other nodes that fail for the same reason have in common with this one."""
    return Group(code=node.issue, noun=NOUN, cause=_cause(node, issue_or_none(node.issue)))


def _cause(node: Node, issue: Issue | None) -> str:
    if issue is not None and issue.code.startswith(WIRING):
        blamed = LinkState.objects.filter(node=node, issue=issue.code).order_by("interface")
        link = blamed.first()
        switch = (link.wanted_switch or link.switch) if link else ""
        if switch:
            return f"switch {switch}"
    if issue is not None and issue.code.startswith(ADDRESSES):
        return f"pools of zone {node.zone}" if node.zone else "no zone"
    return f"zone {node.zone}" if node.zone else ""
