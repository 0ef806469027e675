"""How the state of a deployment looks: always the word, and a colour with it."""

from datetime import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from baremetal.models import Baremetal, EventKind
from baremetal.overview import is_late
from baremetal.states import MEANINGS, STEP_MEANINGS, BaremetalState, Step
from bearman.pages import badge, cut, issue_badge

TONES: dict[str, str] = {
    BaremetalState.DEPLOY_START: "busy",
    BaremetalState.DEPLOYING: "busy",
    BaremetalState.INSTALLED: "good",
    BaremetalState.UNRECOVERABLE_ERROR: "bad",
    BaremetalState.RELEASING: "calm",
    BaremetalState.RELEASED: "mute",
}
EVENT_TONES: dict[str, str] = {
    EventKind.STATE: "calm",
    EventKind.STEP: "busy",
    EventKind.PROGRESS: "mute",
    EventKind.FAILURE: "bad",
    EventKind.WARNING: "warn",
    EventKind.POWER: "mute",
    EventKind.OPERATOR: "calm",
}
MINUTE, HOUR, DAY = 60, 3600, 86400  # seconds


def state_badge(state: str) -> SafeString:
    """Return a state as a coloured label; its meaning is in the title."""
    return badge(state, tone_of(state), title=MEANINGS[BaremetalState(state)])


def tone_of(state: str) -> str:
    """Return the tone of a state, as in admin.css."""
    return TONES.get(state, "mute")


def state_cell(row: Baremetal) -> SafeString:
    """Return the label, a mark on what is late, and why where a person has something to do."""
    label, late = state_badge(row.state), late_badge(row)
    code = issue_badge(row.issue)
    if row.state != BaremetalState.UNRECOVERABLE_ERROR or not row.reason:
        return format_html("{} {} {}", label, late, code)
    why = cut(why_of(row), 72)
    return format_html('{} {} {}<div class="bm-why">{}</div>', label, late, code, why)


def why_of(row: Baremetal) -> str:
    """Return `step: reason` of a deployment, or what there is of it."""
    return ": ".join(filter(None, (row.step, row.reason)))


def late_badge(row: Baremetal) -> SafeString | str:
    """Return a mark on what is late, with what was due when in its title; else nothing."""
    words = late_words(row)
    return badge("late", "warn", title=words) if words else ""


def late_words(row: Baremetal) -> str:
    """Return in a sentence what is late; empty where nothing is."""
    if not is_late(row):
        return ""
    if row.deadline is not None and row.state != BaremetalState.INSTALLED:
        return f"Its deadline passed {took(_since(row.deadline))} ago; Bearman looks at it shortly."
    limit = settings.STAGE_TWO_SECONDS + settings.CONFIGURE_SECONDS
    told = took(_since(row.told_at)) if row.told_at else "long"
    return (
        f"It restarted and was told what to boot {told} ago, and has not called back; "
        f"{took(limit)} is the limit. Look at its console."
    )


def step_words(step: str) -> str:
    """Return what a step waits for; empty for none, or one that only the machine's script knows."""
    return STEP_MEANINGS[Step(step)] if step in set(Step) else ""


def event_badge(kind: str) -> SafeString:
    """Return the kind of an event as a coloured label."""
    return badge(kind, EVENT_TONES.get(kind, "mute"))


def took(seconds: float) -> str:
    """Return a duration for people, in its two largest units."""
    whole = max(0, round(seconds))
    if seconds < 9.95:
        return f"{max(0.0, seconds):.1f} s"
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return f"{whole // MINUTE} min {whole % MINUTE:02d} s"
    if whole < DAY:
        return f"{whole // HOUR} h {whole % HOUR // MINUTE:02d} min"
    return f"{whole // DAY} d {whole % DAY // HOUR} h"


def took_since(moment: datetime) -> str:
    """Return how long ago that was, as a duration."""
    return took(_since(moment))


def _since(moment: datetime) -> float:
    return (timezone.now() - moment).total_seconds()
