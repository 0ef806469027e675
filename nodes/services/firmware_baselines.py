"""Writes on firmware baselines."""

import re

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from bearman.lib.errors import Conflict, Invalid
from nodes.firmware import COMPARATORS, ComponentKind, ReadWith
from nodes.models import EventKind, FirmwareBaseline, FirmwareUpdate, Node
from nodes.models.firmware import (
    MAX_WORDS,
    WORD,
    WORD_FORM,
    CanaryState,
    FirmwareMode,
    FirmwareTool,
    Match,
    UpdateState,
)
from nodes.services.firmware_artefacts import artefact_forget
from nodes.services.firmware_verdict import STEP
from nodes.services.status import event_add

# A change of one of these is another update: those that were done or failed begin anew, and so
# does the canary.
APPLIED = (
    *("component", "vendor_pattern", "product_pattern", "model_pattern", "wanted", "match"),
    *("comparator", "artefact_sha256", "tool", "arguments", "read_with", "reboot"),
)
SAVED = (
    *("name", *APPLIED, "artefact_path", "artefact_size", "timeout_seconds", "position"),
    *("mode", "notes"),
)
_READS = {
    ReadWith.DMIDECODE: ComponentKind.BIOS,
    ReadWith.IPMITOOL: ComponentKind.BMC,
    ReadWith.ETHTOOL: ComponentKind.NIC,
    ReadWith.LSBLK: ComponentKind.DISK,
}
FILE_WORD = "@file@"  # stands for the file among the arguments of a command
READ_BY_DEFAULT = {kind: read_with for read_with, kind in _READS.items()}
_UNDER_WAY = (UpdateState.STARTED, UpdateState.REBOOTING)


def baseline_save(*, baseline: FirmwareBaseline) -> FirmwareBaseline:
    """Write a baseline, new or changed; raises Invalid in words.

    A change of what is applied is a new revision: it has a new canary, and updates that failed are
    tried again. What a canary has become in the meantime is kept otherwise.
    """
    problems = baseline_problems(baseline=baseline)
    if problems:
        raise Invalid(" ".join(words for found in problems.values() for words in found))
    with transaction.atomic():
        known = FirmwareBaseline.objects.select_for_update().filter(pk=baseline.pk or 0).first()
        if known is None:
            baseline.save(force_insert=True)
            return baseline
        _revise(baseline, known)
        baseline.changed_at = timezone.now()
        more = ("revision", "canary", "canary_state", "canary_at", "changed_at")
        baseline.save(update_fields=(*SAVED, *more))
        if known.artefact_path != baseline.artefact_path:
            transaction.on_commit(lambda: artefact_forget(known.artefact_path))
    return baseline


def _revise(baseline: FirmwareBaseline, known: FirmwareBaseline) -> None:
    changed = any(getattr(known, name) != getattr(baseline, name) for name in APPLIED)
    baseline.revision = known.revision + changed
    anew = baseline.mode == FirmwareMode.CANARY and known.mode != FirmwareMode.CANARY
    if changed or anew:
        baseline.canary, baseline.canary_state, baseline.canary_at = None, "", None
    else:
        baseline.canary, baseline.canary_state = known.canary, known.canary_state
        baseline.canary_at = known.canary_at


def baseline_delete(*, baseline: FirmwareBaseline) -> None:
    """Delete a baseline with its file; raises Conflict while a machine is at an update of it."""
    with transaction.atomic():
        row = FirmwareBaseline.objects.select_for_update().get(pk=baseline.pk)
        busy = FirmwareUpdate.objects.filter(baseline=row, state__in=_UNDER_WAY).first()
        if busy:
            raise Conflict(
                f"Node {busy.node_id} is at an update of baseline {row}.",
                advice="Switch the baseline off, and delete it when the machine is done.",
            )
        path = row.artefact_path
        row.delete()
        transaction.on_commit(lambda: artefact_forget(path))


def baseline_stop(*, baseline: FirmwareBaseline) -> None:
    """Switch a baseline off: no update begins from now on; what runs goes on."""
    FirmwareBaseline.objects.filter(pk=baseline.pk).update(
        mode=FirmwareMode.OFF, changed_at=timezone.now()
    )


def canary_again(*, baseline: FirmwareBaseline) -> None:
    """Let the next node that is behind be the canary; raises Conflict unless there is one now.

    Also where the canary has passed meanwhile: what goes on to all nodes is not held again.
    """
    rows = FirmwareBaseline.objects.filter(pk=baseline.pk, mode=FirmwareMode.CANARY)
    rows = rows.exclude(canary_state=CanaryState.PASSED)
    if not rows.exclude(canary=None).update(canary=None, canary_state="", canary_at=None):
        raise Conflict(
            f"Baseline {baseline} waits for no canary now.", advice="Look at the page again."
        )


def canary_pass(*, baseline: FirmwareBaseline) -> None:
    """Go on to all nodes whatever the canary did; raises Conflict unless it is in canary mode."""
    rows = FirmwareBaseline.objects.filter(pk=baseline.pk, mode=FirmwareMode.CANARY)
    if not rows.update(canary_state=CanaryState.PASSED):
        raise Conflict(f"Baseline {baseline} is {baseline.mode}, so it waits for no canary.")


def updates_again(*, node: Node, actor: str) -> int:
    """Let failed updates of a node be tried anew when it boots next; returns how many.

    Raises Conflict where none has failed.
    """
    failed = FirmwareUpdate.objects.filter(node=node, state=UpdateState.FAILED)
    count = failed.update(state=UpdateState.HELD, attempts=0, issue="", reason="")
    if not count:
        raise Conflict(f"No firmware update of node {node.pk} has failed.")
    event_add(
        node_id=node.pk,
        kind=EventKind.OPERATOR,
        actor=actor,
        step=STEP,
        message="Its failed firmware updates are tried again when it boots.",
    )
    return count


def baseline_problems(*, baseline: FirmwareBaseline) -> dict[str, list[str]]:
    """Return what is wrong with a baseline, by field; empty for nothing."""
    problems: dict[str, list[str]] = {}
    try:
        baseline.full_clean(exclude=("canary",), validate_constraints=False)
    except ValidationError as error:
        problems = dict(error.message_dict)
    for name, words in _contradictions(baseline):
        problems.setdefault(name, []).append(words)
    return problems


def _contradictions(baseline: FirmwareBaseline) -> list[tuple[str, str]]:
    found = [*_version_problems(baseline), *_tool_problems(baseline)]
    by_model = baseline.component in (ComponentKind.NIC, ComponentKind.DISK)
    if by_model and not baseline.model_pattern:
        found.append(("model_pattern", "Say which adapters or disks are meant."))
    if not by_model and baseline.model_pattern:
        found.append(("model_pattern", "A BIOS or a BMC is meant by vendor and product alone."))
    reads = _READS.get(ReadWith(baseline.read_with)) if baseline.read_with else None
    if reads and baseline.component != reads:
        found.append(("read_with", f"{baseline.get_read_with_display()} says nothing of that."))
    return found


def _version_problems(baseline: FirmwareBaseline) -> list[tuple[str, str]]:
    form = COMPARATORS.get(baseline.comparator)
    if form is None or not baseline.wanted:
        return []  # said already
    found = []
    if form.parse(baseline.wanted) is None:
        examples = " or ".join(form.examples)
        found.append(("wanted", f"Write it as {form.title} has it, such as {examples}."))
    if not form.ordered and baseline.match == Match.MINIMUM:
        words = "This form tells no newer from older: choose exactly this version."
        found.append(("match", words))
    return found


def _tool_problems(baseline: FirmwareBaseline) -> list[tuple[str, str]]:
    found = []
    words = baseline.arguments
    if not isinstance(words, list) or len(words) > MAX_WORDS or not all(map(_is_word, words)):
        found.append(("arguments", f"{WORD.message} There are at most {MAX_WORDS}."))
    elif baseline.tool == FirmwareTool.COMMAND and not words:
        found.append(("arguments", "The first argument names the program that is run."))
    applies = baseline.mode in (FirmwareMode.CANARY, FirmwareMode.ON)
    reads = baseline.read_with == ReadWith.TOOL and baseline.mode != FirmwareMode.OFF
    if not baseline.artefact_path and (applies or reads) and not _needs_no_file(baseline):
        why = "Nothing is applied" if applies else "The tool reads nothing"
        found.append(("mode", f"{why} without a file: leave it off, and add a file first."))
    return found


def _needs_no_file(baseline: FirmwareBaseline) -> bool:
    """Say whether the tool is a program that brings its own file, or fetches it."""
    return baseline.tool == FirmwareTool.COMMAND and FILE_WORD not in baseline.arguments


def _is_word(word: object) -> bool:
    return isinstance(word, str) and re.fullmatch(WORD_FORM, word) is not None
