"""Whether a demo showed what it should, by what Bearman says of its nodes."""

from collections.abc import Sequence
from dataclasses import dataclass

from protos.bearman.v1 import nodes_pb2
from simulator.fault import QUARANTINED, READY, REGISTER_FAILED
from simulator.machine import Machine
from simulator.operator_view import OperatorView, status_name
from simulator.plain import one_line
from simulator.verdict import Verdict, judge_by_bearman, node_of


@dataclass(frozen=True, slots=True)
class Lit:
    """A machine that stayed on, in Bearman's words: `issue` is the code of what is wrong."""

    label: str
    status: str
    reason: str
    advice: str
    node_id: str = ""
    issue: str = ""
    place: str = ""
    serial: str = ""


@dataclass(frozen=True, slots=True)
class DemoOutcome:
    """What was seen: how many are READY, which stay lit, and whatever should not be."""

    ready: int
    lit: tuple[Lit, ...]
    differences: tuple[str, ...]


def look(machines: Sequence[Machine], operator: OperatorView, limit: float) -> DemoOutcome:
    """Ask Bearman until all is as expected or until `limit` on the monotonic clock.

    Raises OperatorError.
    """
    verdicts = judge_by_bearman(machines, operator, limit)
    nodes = operator.nodes()
    pairs = [(machine, node_of(machine, nodes)) for machine in machines]
    differences = [_surprise(verdict) for verdict in verdicts if not verdict.as_expected]
    for machine, node in pairs:
        differences += [f"{machine.board.identity.label}: {words}" for words in _missing(node)]
    differences += _shared_addresses(list(nodes.values()))
    return DemoOutcome(
        ready=sum(verdict.seen.status == READY for verdict in verdicts),
        lit=tuple(_lit(machine, node) for machine, node in pairs if machine.board.bmc.powered),
        differences=tuple(differences),
    )


def _surprise(verdict: Verdict) -> str:
    return (
        f"{verdict.label}: expected {verdict.expected_words}, "
        f"seen {verdict.seen_words}. {verdict.words}"
    )


def _missing(node: nodes_pb2.NodeSummary | None) -> list[str]:
    """What a node's row must have and has not."""
    if node is None:
        return []
    wanted = {
        READY: ("vendor", "product_name", "serial", "bmc_address", "zone"),
        REGISTER_FAILED: ("step", "reason", "advice", "issue", "rack", "unit"),
        QUARANTINED: ("reason", "advice", "issue"),
    }.get(status_name(node), ())
    return [f"its node has no {name}" for name in wanted if not getattr(node, name)]


def _shared_addresses(nodes: Sequence[nodes_pb2.NodeSummary]) -> list[str]:
    addresses = [node.bmc_address for node in nodes if node.bmc_address]
    twice = {address for address in addresses if addresses.count(address) > 1}
    return [f"the BMC address {address} is on two nodes" for address in sorted(twice)]


def _lit(machine: Machine, node: nodes_pb2.NodeSummary | None) -> Lit:
    label = machine.board.identity.label
    if node is None:
        return Lit(label, "unknown to Bearman", machine.ending.words if machine.ending else "", "")
    return Lit(
        label=label,
        status=status_name(node),
        reason=one_line(node.reason, 300),
        advice=one_line(node.advice, 300),
        node_id=node.id,
        issue=node.issue,
        place=f"rack {node.rack} unit {node.unit}" if node.rack else "",
        serial=machine.board.identity.serial,
    )
