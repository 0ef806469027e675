"""The states of a Baremetal, their steps, and the one table of transitions; no Django here."""

from dataclasses import dataclass
from enum import StrEnum


class BaremetalState(StrEnum):
    """Where a deployment is; the names are the product's language."""

    DEPLOY_START = "DEPLOY_START"
    DEPLOYING = "DEPLOYING"
    INSTALLED = "INSTALLED"
    UNRECOVERABLE_ERROR = "UNRECOVERABLE_ERROR"
    RELEASING = "RELEASING"
    RELEASED = "RELEASED"


class Step(StrEnum):
    """What is being waited for in a state that is not at rest."""

    PREPARE = "prepare"
    POWER_ON = "power_on"
    STAGE_ONE = "stage_one"
    KEXEC = "kexec"
    STAGE_TWO = "stage_two"
    CONFIGURE = "configure"
    POWER_OFF = "power_off"


MEANINGS: dict[BaremetalState, str] = {
    BaremetalState.DEPLOY_START: "Being switched on and booting stage one.",
    BaremetalState.DEPLOYING: "Booting the system and setting it up.",
    BaremetalState.INSTALLED: "In use.",
    BaremetalState.UNRECOVERABLE_ERROR: "Given up; step, reason and advice are on the row.",
    BaremetalState.RELEASING: "Being switched off; its addresses go back to IPman.",
    BaremetalState.RELEASED: "History; the node is free again.",
}

STEP_MEANINGS: dict[Step, str] = {
    Step.PREPARE: "its addresses are allocated, and its configuration is rendered and checked",
    Step.POWER_ON: "its BMC switches it on, and it asks what to boot",
    Step.STAGE_ONE: "it boots stage one and runs kexec.sh",
    Step.KEXEC: "kexec.sh fetches and verifies the system, and jumps into it",
    Step.STAGE_TWO: "the system boots and asks for its profile",
    Step.CONFIGURE: "the install script runs, and the system says that it is installed",
    Step.POWER_OFF: "its BMC switches it off",
}

# A state that is not at rest has a deadline, which the reconciler looks at.
NOT_AT_REST = frozenset(
    {BaremetalState.DEPLOY_START, BaremetalState.DEPLOYING, BaremetalState.RELEASING}
)

STEPS_OF: dict[BaremetalState, tuple[Step, ...]] = {
    BaremetalState.DEPLOY_START: (Step.PREPARE, Step.POWER_ON, Step.STAGE_ONE),
    BaremetalState.DEPLOYING: (Step.POWER_ON, Step.KEXEC, Step.STAGE_TWO, Step.CONFIGURE),
    BaremetalState.RELEASING: (Step.POWER_OFF,),
}


@dataclass(frozen=True, slots=True)
class Transition:
    """One allowed change of state. `source` None is the birth of the row."""

    source: BaremetalState | None
    target: BaremetalState
    when: str


_S = BaremetalState
TRANSITIONS: tuple[Transition, ...] = (
    Transition(None, _S.DEPLOY_START, "an operator puts a profile on a node"),
    Transition(
        _S.DEPLOY_START, _S.DEPLOYING, "stage one asks what to kexec, or a system is booted"
    ),
    Transition(_S.DEPLOY_START, _S.UNRECOVERABLE_ERROR, "a step failed, or was late too often"),
    Transition(_S.DEPLOY_START, _S.RELEASING, "an operator cancels it"),
    Transition(_S.DEPLOY_START, _S.RELEASED, "it was refused before the machine was switched on"),
    Transition(_S.DEPLOYING, _S.INSTALLED, "the system says that it is installed"),
    Transition(_S.DEPLOYING, _S.UNRECOVERABLE_ERROR, "a step failed, or was late too often"),
    Transition(_S.DEPLOYING, _S.RELEASING, "an operator cancels it"),
    Transition(_S.INSTALLED, _S.DEPLOY_START, "an operator redeploys it"),
    Transition(_S.INSTALLED, _S.RELEASING, "an operator releases it"),
    Transition(_S.UNRECOVERABLE_ERROR, _S.INSTALLED, "it called back after its deadline"),
    Transition(_S.UNRECOVERABLE_ERROR, _S.DEPLOY_START, "an operator redeploys it"),
    Transition(_S.UNRECOVERABLE_ERROR, _S.RELEASING, "an operator releases it"),
    Transition(_S.RELEASING, _S.RELEASED, "it is off, and its addresses are free"),
    Transition(_S.RELEASING, _S.UNRECOVERABLE_ERROR, "it could not be switched off"),
)

_ALLOWED = frozenset((t.source, t.target) for t in TRANSITIONS)


def may_move(source: BaremetalState | None, target: BaremetalState) -> bool:
    """Say whether the table has this change."""
    return (source, target) in _ALLOWED


def sources_of(target: BaremetalState) -> frozenset[BaremetalState]:
    """Return the states from which `target` can be reached in one change."""
    return frozenset(t.source for t in TRANSITIONS if t.target is target and t.source is not None)
