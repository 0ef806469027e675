"""Machines that are not what was ordered."""

from dataclasses import replace

from simulator.fault import (
    DARK_AND_READY,
    REGISTER_FAILED,
    Fault,
    Listing,
    Needs,
    Outcome,
)
from simulator.hardware.dmi_memory import is_populated
from simulator.hardware.identity import Identity

LIT_AND_FAILED = Outcome(REGISTER_FAILED, lit=True)
OTHER_MODEL = {"vendor": "Supermicro", "model": "SYS-6019P-MTR"}  # none of the fleet is one


def _one_dimm_dead(identity: Identity, _twin: Identity) -> Identity:
    filled = [n for n in range(identity.model.slots) if is_populated(identity.model, n)]
    return replace(identity, dead_slots=frozenset(filled[-1:]))


def _other_model(listing: Listing) -> Listing:
    return listing | OTHER_MODEL


def _nobody_expects_it(_listing: Listing) -> None:
    return None


ARRIVAL_FAULTS = (
    Fault(
        "dimm-missing",
        "one of its memory modules does not answer",
        LIT_AND_FAILED,
        identity=_one_dimm_dead,
        issues=("EXP-002",),
        needs=Needs.LIST,
    ),
    Fault(
        "wrong-model",
        "another model was ordered under its serial number",
        LIT_AND_FAILED,
        listing=_other_model,
        issues=("EXP-001",),
        needs=Needs.LIST,
    ),
    Fault(
        "unexpected",
        "nobody ordered it",
        DARK_AND_READY,
        listing=_nobody_expects_it,
        needs=Needs.LIST,
    ),
)
