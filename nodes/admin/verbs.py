"""What an operator can do with a node: one service each, offered where its status allows it."""

from collections.abc import Callable
from dataclasses import dataclass

from nodes.models import Bmc, Node
from nodes.services.identify import identify_ask
from nodes.services.lifecycle import node_maintain, node_restore, node_retire, node_return
from nodes.states import NodeStatus, may_move


@dataclass(frozen=True, slots=True)
class Verb:
    """A button on a node's page, and an action on the list of nodes.

    `offered` says whether it makes sense for a node as it is; `call` takes the node, the
    operator's name and a note. With `warning`, a page asks for confirmation and the note first.
    """

    name: str
    label: str
    symbol: str
    offered: Callable[[Node], bool]
    call: Callable[[Node, str, str], object]
    done: str
    warning: str = ""
    danger: bool = False


def _has_bmc(node: Node) -> bool:
    bmc: Bmc | None = getattr(node, "bmc", None)
    return bmc is not None and bmc.address is not None


def _may_retire(node: Node) -> bool:
    """A retirement that ended half-way, since IPman did not answer, may be asked for again."""
    return may_move(NodeStatus(node.status), NodeStatus.RETIRED) or (
        node.status == NodeStatus.RETIRED and _has_bmc(node)
    )


def _may_maintain(node: Node) -> bool:
    may = may_move(NodeStatus(node.status), NodeStatus.MAINTENANCE)
    return may and node.status != NodeStatus.RETIRED


VERBS: dict[str, Verb] = {
    verb.name: verb
    for verb in (
        Verb(
            name="identify_on",
            label="Identify on",
            symbol="lightbulb",
            offered=_has_bmc,
            call=lambda node, actor, note: identify_ask(node=node, on=True, actor=actor),
            done="was asked to switch its identify light on; the time line will say how it went",
        ),
        Verb(
            name="identify_off",
            label="Identify off",
            symbol="light_off",
            offered=_has_bmc,
            call=lambda node, actor, note: identify_ask(node=node, on=False, actor=actor),
            done="was asked to switch its identify light off; the time line will say how it went",
        ),
        Verb(
            name="put_back",
            label="Put back",
            symbol="undo",
            offered=lambda node: node.status == NodeStatus.MAINTENANCE,
            call=lambda node, actor, note: node_return(node=node, actor=actor),
            done="was put back",
        ),
        Verb(
            name="restore",
            label="Take retirement back",
            symbol="restore_from_trash",
            offered=lambda node: node.status == NodeStatus.RETIRED,
            call=lambda node, actor, note: node_restore(node=node, actor=actor),
            done="is in maintenance now; put it back when it is ready",
        ),
        Verb(
            name="maintain",
            label="Maintenance",
            symbol="build",
            offered=_may_maintain,
            call=lambda node, actor, note: node_maintain(node=node, actor=actor, note=note),
            done="is in maintenance",
            warning="It is given nothing to boot until it is put back. Its address stays its own.",
        ),
        Verb(
            name="retire",
            label="Retire",
            symbol="archive",
            offered=_may_retire,
            call=lambda node, actor, note: node_retire(node=node, actor=actor, note=note),
            done="is retired",
            warning="Its BMC's address goes back to IPman and its credential is destroyed. "
            "The row stays for its history. Taking the retirement back is possible, but the "
            "machine must then register anew.",
            danger=True,
        ),
    )
}


def offered(node: Node) -> list[Verb]:
    """Return the verbs that make sense for a node, in the order of their buttons."""
    return [verb for verb in VERBS.values() if verb.offered(node)]
