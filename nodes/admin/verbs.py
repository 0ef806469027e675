"""What an operator can do with nodes: a registry to which other apps may add their own verbs."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest

from nodes.models import Bmc, Node
from nodes.power import WORDS, PowerAction
from nodes.services.breaker import breaker_reset
from nodes.services.lifecycle import node_maintain, node_restore, node_retire, node_return
from nodes.services.power import needs_confirmation
from nodes.states import Decision, NodeStatus, may_move

POWER, NEXT_BOOT, IDENTIFY = "Power", "Next boot", "Identify light"


@dataclass(frozen=True, slots=True)
class Verb:
    """A button on a node's page, and an action on the list of nodes.

    `offered` says whether it makes sense for a node as it is. One of these says what it does:
    `call` takes one node, the operator's name and a note; `power` asks the worker for all nodes
    of a selection in one batch; `page` is the name of a URL that gets `?node=1&node=2`.
    With `warning`, a page asks for confirmation and the note first. Verbs with a `group` share
    the menu of power.
    """

    name: str
    label: str
    symbol: str
    offered: Callable[[Node], bool]
    call: Callable[[Node, str, str], object] | None = None
    power: PowerAction | None = None
    page: str = ""
    done: str = ""
    warning: str = ""
    danger: bool = False
    group: str = ""
    permission: str = "nodes.change_node"

    def asks_for(self, node: Node) -> bool:
        """Say whether a page must ask before this is done to the node."""
        if self.power is not None:
            return needs_confirmation(node, self.power)
        return bool(self.warning)


VERBS: dict[str, Verb] = {}


def register(*verbs: Verb, first: bool = False) -> None:
    """Add verbs, after those that are there or `first`; one of the same name takes its place."""
    added = {verb.name: verb for verb in verbs}
    others = {name: verb for name, verb in VERBS.items() if name not in added}
    VERBS.clear()
    VERBS.update(added | others if first else others | added)


def verb_named(name: str) -> Verb | None:
    """Return the verb of that name; None where there is none."""
    return VERBS.get(name)


def permitted(request: HttpRequest) -> list[Verb]:
    """Return the verbs that the operator may use, in the order of their buttons."""
    return [verb for verb in VERBS.values() if request.user.has_perm(verb.permission)]


def offered(request: HttpRequest, node: Node) -> list[Verb]:
    """Return those that make sense for a node."""
    return [verb for verb in permitted(request) if verb.offered(node)]


def _has_bmc(node: Node) -> bool:
    bmc: Bmc | None = getattr(node, "bmc", None)
    return bmc is not None and bmc.address is not None


def _breaker_has_counted(node: Node) -> bool:
    bmc: Bmc | None = getattr(node, "bmc", None)
    return bmc is not None and bmc.failures > 0


def _may_retire(node: Node) -> bool:
    """A retirement that ended half-way, since IPman did not answer, may be asked for again."""
    return may_move(NodeStatus(node.status), NodeStatus.RETIRED) or (
        node.status == NodeStatus.RETIRED and _has_bmc(node)
    )


def _may_restore(node: Node) -> bool:
    """What the identity desk retired, the desk takes back."""
    undone = (Decision.MERGED, Decision.REJECTED)
    return node.status == NodeStatus.RETIRED and node.decision not in undone


def _may_maintain(node: Node) -> bool:
    may = may_move(NodeStatus(node.status), NodeStatus.MAINTENANCE)
    return may and node.status != NodeStatus.RETIRED


def _power(action: PowerAction, group: str, warning: str = "") -> Verb:
    words = WORDS[action]
    return Verb(
        name=f"power_{action.value}",
        label=words.label,
        symbol=words.symbol,
        offered=_has_bmc,
        power=action,
        warning=warning,
        danger=bool(warning),
        group=group,
    )


_IN_USE = "Somebody uses it now. "
register(
    _power(PowerAction.ON, POWER),
    _power(PowerAction.SOFT_OFF, POWER, f"{_IN_USE}Its operating system is asked to shut down."),
    _power(
        PowerAction.HARD_OFF,
        POWER,
        f"{_IN_USE}Its power is cut at once; what it has not written to disk is lost.",
    ),
    _power(
        PowerAction.CYCLE,
        POWER,
        f"{_IN_USE}Its power is cut at once and comes back; what it has not written to disk is "
        "lost.",
    ),
    _power(PowerAction.STATUS, POWER),
    _power(PowerAction.BOOT_PXE, NEXT_BOOT),
    _power(PowerAction.BOOT_DISK, NEXT_BOOT),
    _power(PowerAction.BOOT_SETUP, NEXT_BOOT),
    _power(PowerAction.IDENTIFY_ON, IDENTIFY),
    _power(PowerAction.IDENTIFY_OFF, IDENTIFY),
    Verb(
        name="breaker_reset",
        label="Forget the BMC's failures",
        symbol="healing",
        offered=_breaker_has_counted,
        call=lambda node, actor, note: breaker_reset(bmc=node.bmc, actor=actor),
        done="is asked for its power again in the background",
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
        offered=_may_restore,
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
