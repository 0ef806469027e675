"""What one baseline means for one component of a machine: an update, a finding, or nothing."""

from dataclasses import dataclass

from bearman.lib.issues import Found, Issue
from bearman.lib.issues import firmware as issues
from nodes.firmware import Component, ReadWith, Standing
from nodes.models import FirmwareBaseline, FirmwareUpdate, Node
from nodes.models.firmware import UpdateState
from nodes.services.boot import BootCaller
from nodes.services.firmware_canary import Gate, canary_gate, canary_settle
from nodes.services.firmware_updates import (
    cut_off,
    update_broken,
    update_done,
    update_fail,
    update_failure,
    update_hold,
    update_may_retry,
    update_of,
    update_plan,
)


@dataclass(frozen=True, slots=True)
class Settled:
    """A finding, an update that is to be done now, or neither."""

    found: Found | None = None
    row: FirmwareUpdate | None = None


NOTHING = Settled()
# What a version that asks for no update is called.
_ODD: dict[Standing, tuple[Issue, str]] = {
    Standing.NEWER: (issues.NEWER, "it has {has}, newer than exactly {wanted}"),
    Standing.UNREADABLE: (issues.UNREADABLE, "{wanted} is wanted, and its version {seen}"),
    Standing.UNORDERED: (issues.NO_ORDER, "it has {has}, which has no order to {wanted}"),
}


def settle(
    *, node: Node, baseline: FirmwareBaseline, component: Component, caller: BootCaller
) -> Settled:
    """Judge the component by its fresh version and by what was under way, and say what is due."""
    row = update_of(node=node, baseline=baseline, component=component)
    if row.state == UpdateState.REBOOTING and row.boot == caller.request_id:
        words = (
            f"{row.title}: the machine has not restarted since {row.wanted_version} was applied."
        )
        return Settled(Found(issues.NOT_RESTARTED, component.subject, words))
    if baseline.read_with != ReadWith.TOOL:
        return _by_version(row, node, component, caller)
    stands = _failed(row, caller)
    return stands or _due(row, node, component, caller)


def _by_version(
    row: FirmwareUpdate, node: Node, component: Component, caller: BootCaller
) -> Settled:
    rule = row.baseline.rule
    version = rule.text(component.version, component.released)
    standing = rule.standing(version)
    if standing is Standing.GOOD:
        return _good(row, version)
    broken = update_broken(row=row, version=version, standing=standing)
    if broken:
        issue, reason = broken
        failed = update_fail(row=row, issue=issue, reason=reason, boot=caller.request_id)
        return Settled(failed)
    if standing is not Standing.BEHIND:
        return Settled(odd(row, component.subject, version, standing))
    stands = _failed(row, caller)
    return stands or _due(row, node, component, caller, version)


def _good(row: FirmwareUpdate, version: str) -> Settled:
    if row.pk and row.state != UpdateState.DONE:
        update_done(row=row, version=version)
    return NOTHING


def _failed(row: FirmwareUpdate, caller: BootCaller) -> Settled | None:
    """Return the failure that stands; None where there is none, or it is tried again now."""
    if row.state != UpdateState.FAILED or update_may_retry(row, caller.request_id):
        return None
    return Settled(update_failure(row))


def _due(
    row: FirmwareUpdate,
    node: Node,
    component: Component,
    caller: BootCaller,
    version: str = "",
) -> Settled:
    """Plan the update, unless it must wait; a version of "" is for the tool to read."""
    if version:  # else its tool says first whether there is anything to do
        waits = held(row, node, component.subject, version)
        if waits:
            return Settled(waits)
    if not cut_off(row):
        update_plan(row=row, from_version=version)
    return Settled(row=row)


def held(row: FirmwareUpdate, node: Node, subject: str, version: str) -> Found | None:
    """Return why an update that is due is not done now, and keep that; None where it is done."""
    baseline = row.baseline
    gate = canary_gate(baseline=baseline, node=node)
    if gate is Gate.GO:
        return None
    behind = f"{row.title} has {version}, and baseline {baseline} wants {baseline.wanted_words}"
    issue, why = issues.DRY_RUN, "it is a dry run"
    if gate is Gate.WAIT:
        issue, why = issues.CANARY_WAIT, f"{_canary(baseline)} tries it first"
    elif gate is Gate.STOP:
        issue, why = issues.CANARY_FAILED, f"{_canary(baseline)} failed at it"
    found = Found(issue, subject, f"{behind}; {why}.")
    update_hold(row=row, from_version=version, reason=found.message)
    return found


def odd(row: FirmwareUpdate, subject: str, version: str, standing: Standing) -> Found:
    """Return the finding on a version that is neither good nor simply behind, and keep it."""
    issue, words = _ODD[standing]
    seen = f"reads {version!r}" if version else "is not there"
    said = words.format(has=version, wanted=row.wanted_version, seen=seen)
    found = Found(issue, subject, f"{row.title}: {said} (baseline {row.baseline}).")
    update_hold(row=row, from_version=version, reason=found.message)
    canary_settle(baseline=row.baseline, node_id=row.node_id)
    return found


def _canary(baseline: FirmwareBaseline) -> str:
    return f"node {baseline.canary_id}"
