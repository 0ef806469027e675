"""How a status and an event look: always the word, and a colour with it."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

from bearman.pages import NOTHING, badge, cut, exact, issue_badge
from nodes.identity import Verdict
from nodes.models import Bmc, EventKind, Node
from nodes.power import PowerResult
from nodes.states import MEANINGS, NodeStatus

TONES: dict[str, str] = {
    NodeStatus.REGISTERING: "busy",
    NodeStatus.READY: "good",
    NodeStatus.IN_USE: "calm",
    NodeStatus.REGISTER_FAILED: "bad",
    NodeStatus.QUARANTINED: "warn",
    NodeStatus.MAINTENANCE: "mute",
    NodeStatus.RETIRED: "mute",
}
EVENT_TONES: dict[str, str] = {
    EventKind.STATUS: "calm",
    EventKind.PROGRESS: "mute",
    EventKind.FAILURE: "bad",
    EventKind.WARNING: "warn",
    EventKind.INVENTORY: "mute",
    EventKind.ADDRESS: "mute",
    EventKind.POWER: "mute",
    EventKind.OPERATOR: "calm",
}
RESULT_TONES: dict[str, str] = {
    PowerResult.WAITING: "mute",
    PowerResult.RUNNING: "busy",
    PowerResult.DONE: "good",
    PowerResult.FAILED: "bad",
}

# Statuses in which a person has something to do, so that a list says why.
TELLING = frozenset({NodeStatus.REGISTER_FAILED, NodeStatus.QUARANTINED, NodeStatus.MAINTENANCE})


def status_badge(status: str) -> SafeString:
    """Return a status as a coloured label; its meaning is in the title."""
    return badge(status, tone_of(status), title=MEANINGS[NodeStatus(status)])


def tone_of(status: str) -> str:
    """Return the tone of a status, as in admin.css."""
    return TONES.get(status, "mute")


def status_cell(node: Node) -> SafeString:
    """Return the label and, where a person has something to do, a line that says why."""
    label = status_badge(node.status)
    why = why_of(node)
    if node.status not in TELLING or not why:
        return label
    code = issue_badge(node.issue)
    return format_html('{} {}<div class="bm-why">{}</div>', label, code, cut(why, 72))


def why_of(node: Node) -> str:
    """Return `step: reason` of a node, or what there is of it."""
    return ": ".join(filter(None, (node.step, node.reason)))


def event_badge(kind: str) -> SafeString:
    """Return the kind of an event as a coloured label."""
    return badge(kind, EVENT_TONES.get(kind, "mute"))


def result_badge(result: str) -> SafeString:
    """Return how far a power request is as a coloured label."""
    return badge(result, RESULT_TONES.get(result, "mute"))


def power_badge(bmc: Bmc | None) -> SafeString | str:
    """Return the power state that was read last; when that was is in the title."""
    if bmc is None or not bmc.power or bmc.power_read_at is None:
        return NOTHING
    tone = "good" if bmc.power == "on" else "mute"
    return badge(bmc.power, tone, title=f"Read at {exact(bmc.power_read_at)}.")


def score_badge(verdict: Verdict) -> SafeString:
    """Return the score of two machines: good where they would be taken for one; why as title."""
    signs = "; ".join(sign.words for sign in verdict.signs)
    return badge(f"{verdict.score:+d}", "good" if verdict.same else "mute", title=signs)
