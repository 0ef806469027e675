"""How firmware looks: always the word, and a colour with it."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

from bearman.lib.issues import issue_or_none
from bearman.pages import badge
from nodes.firmware import Standing
from nodes.models import FirmwareBaseline, FirmwareUpdate
from nodes.models.firmware import CanaryState, FirmwareMode, UpdateState

_MODES: dict[str, tuple[str, str]] = {
    FirmwareMode.OFF: ("off", "mute"),
    FirmwareMode.DRY_RUN: ("dry run", "calm"),
    FirmwareMode.ON: ("on", "good"),
}
_CANARIES: dict[str, tuple[str, str]] = {
    "": ("canary: waits for one", "busy"),
    CanaryState.TRYING: ("canary: trying", "busy"),
    CanaryState.PASSED: ("canary passed: on", "good"),
    CanaryState.FAILED: ("canary failed: held", "bad"),
}
_STATES: dict[str, str] = {
    UpdateState.PLANNED: "busy",
    UpdateState.STARTED: "busy",
    UpdateState.REBOOTING: "busy",
    UpdateState.DONE: "good",
    UpdateState.FAILED: "bad",
    UpdateState.HELD: "calm",
}
_STANDINGS: dict[Standing, tuple[str, str]] = {
    Standing.GOOD: ("up to date", "good"),
    Standing.BEHIND: ("behind", "warn"),
    Standing.NEWER: ("newer", "calm"),
    Standing.UNREADABLE: ("unknown", "mute"),
    Standing.UNORDERED: ("no order", "warn"),
}


def mode_badge(baseline: FirmwareBaseline) -> SafeString:
    """Return how far a baseline goes and, in canary mode, how its canary does."""
    canary = baseline.mode == FirmwareMode.CANARY
    text, tone = _CANARIES[baseline.canary_state] if canary else _MODES[baseline.mode]
    return badge(text, tone, title=baseline.get_mode_display())


def update_badge(row: FirmwareUpdate) -> SafeString:
    """Return how far an update is, with what failed."""
    label = badge(row.state, _STATES.get(row.state, "mute"), title=row.reason or row.state)
    issue = issue_or_none(row.issue)
    if issue is None:
        return label
    return format_html("{} {}", label, badge(issue.code, "bad", title=issue.title))


def standing_badge(standing: Standing) -> SafeString:
    """Return how a version stands to the wanted one."""
    text, tone = _STANDINGS[standing]
    return badge(text, tone)
