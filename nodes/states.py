"""The statuses of a node and the one table of its transitions; no Django here."""

from dataclasses import dataclass
from enum import StrEnum


class NodeStatus(StrEnum):
    """Where a machine is in its life; the names are the product's language."""

    REGISTERING = "REGISTERING"
    READY = "READY"
    IN_USE = "IN_USE"
    REGISTER_FAILED = "REGISTER_FAILED"
    QUARANTINED = "QUARANTINED"
    MAINTENANCE = "MAINTENANCE"
    RETIRED = "RETIRED"


MEANINGS: dict[NodeStatus, str] = {
    NodeStatus.REGISTERING: "Stage one is talking to us.",
    NodeStatus.READY: "Off, proven controllable over the network, free.",
    NodeStatus.IN_USE: "Has a Baremetal.",
    NodeStatus.REGISTER_FAILED: "Still lit; step, reason and advice are on the row.",
    NodeStatus.QUARANTINED: "Its identity clashes with another machine's, or is none at all; "
    "it has no address and no credential until an operator decides.",
    NodeStatus.MAINTENANCE: "Taken out by an operator.",
    NodeStatus.RETIRED: "Gone for good; kept for its history.",
}

# A status that is not at rest has a deadline, after which the reconciler ends it.
NOT_AT_REST = frozenset({NodeStatus.REGISTERING})

# In these a machine does not own its UUID: another row may have the same.
NOT_OWNERS = frozenset({NodeStatus.QUARANTINED, NodeStatus.RETIRED})


class Decision(StrEnum):
    """What an operator decided at the identity desk about a machine that was quarantined."""

    OWN = "own"  # a machine of its own, though others have its UUID: its parts tell who it is
    MERGED = "merged"  # another node is the same machine; this row is kept for its history
    REJECTED = "rejected"  # not to be taken; where it comes again it is quarantined again


DECISIONS: dict[Decision, str] = {
    Decision.OWN: "has its own identity",
    Decision.MERGED: "was merged into another node",
    Decision.REJECTED: "was rejected",
}


@dataclass(frozen=True, slots=True)
class Transition:
    """One allowed change of status. `source` None is the birth of the row."""

    source: NodeStatus | None
    target: NodeStatus
    when: str


_S = NodeStatus
TRANSITIONS: tuple[Transition, ...] = (
    Transition(None, _S.REGISTERING, "an unknown machine registers"),
    Transition(None, _S.QUARANTINED, "a machine without a usable identity registers"),
    Transition(_S.REGISTERING, _S.READY, "Bearman read its power status over the network"),
    Transition(_S.REGISTERING, _S.REGISTER_FAILED, "a step failed, or its deadline passed"),
    Transition(_S.REGISTERING, _S.MAINTENANCE, "an operator takes it out"),
    Transition(_S.REGISTERING, _S.RETIRED, "an operator retires it"),
    Transition(_S.READY, _S.REGISTERING, "it boots stage one again"),
    Transition(_S.READY, _S.REGISTER_FAILED, "it did not switch off after its registration"),
    Transition(_S.READY, _S.IN_USE, "an operator deploys a profile"),
    Transition(_S.READY, _S.MAINTENANCE, "an operator takes it out"),
    Transition(_S.READY, _S.RETIRED, "an operator retires it"),
    Transition(_S.IN_USE, _S.READY, "its Baremetal is released"),
    Transition(_S.REGISTER_FAILED, _S.REGISTERING, "it registers again"),
    Transition(_S.REGISTER_FAILED, _S.MAINTENANCE, "an operator takes it out"),
    Transition(_S.REGISTER_FAILED, _S.RETIRED, "an operator retires it"),
    Transition(
        _S.QUARANTINED,
        _S.REGISTERING,
        "it registers again, and nothing clashes with it any more",
    ),
    Transition(
        _S.QUARANTINED,
        _S.REGISTER_FAILED,
        "an operator says that it is a machine of its own, to register anew",
    ),
    Transition(
        _S.QUARANTINED,
        _S.RETIRED,
        "an operator rejects it, or says that it is the machine of another node",
    ),
    Transition(_S.REGISTER_FAILED, _S.QUARANTINED, "an operator takes its own identity back"),
    Transition(
        _S.RETIRED,
        _S.QUARANTINED,
        "it comes again though it was rejected, or an operator takes that decision back",
    ),
    Transition(_S.MAINTENANCE, _S.REGISTER_FAILED, "an operator puts it back, to register anew"),
    Transition(_S.MAINTENANCE, _S.READY, "an operator puts it back, proven as it was"),
    Transition(_S.MAINTENANCE, _S.RETIRED, "an operator retires it"),
    Transition(_S.RETIRED, _S.MAINTENANCE, "an operator takes the retirement back"),
)

_ALLOWED = frozenset((t.source, t.target) for t in TRANSITIONS)


def may_move(source: NodeStatus | None, target: NodeStatus) -> bool:
    """Say whether the table has this change."""
    return (source, target) in _ALLOWED


def sources_of(target: NodeStatus) -> frozenset[NodeStatus]:
    """Return the statuses from which `target` can be reached in one change."""
    return frozenset(t.source for t in TRANSITIONS if t.target is target and t.source is not None)


# Statuses in which a machine that boots stage one may register.
MAY_REGISTER = sources_of(NodeStatus.REGISTERING) | {NodeStatus.REGISTERING}
