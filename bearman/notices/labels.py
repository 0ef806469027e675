"""How messages and troubles look on pages."""

from django.utils.safestring import SafeString

from bearman.notices.channels.configured import channels
from bearman.notices.models import ChannelState, Notice, Thread, Trouble
from bearman.notices.states import Kind, Outcome, State
from bearman.pages import ago, badge

TONES = {
    State.WAITING: "warn",
    State.SENDING: "busy",
    State.SENT: "good",
    State.GIVEN_UP: "mute",
}
KINDS = {
    Kind.OPEN: "first message",
    Kind.ONE: "one of many",
    Kind.COUNT: "new count",
    Kind.UPDATE: "update",
    Kind.GOOD: "needs nobody",
    Kind.RESOLVED: "resolved",
}
OUTCOMES = {Outcome.GOOD: ("came good", "good"), Outcome.ASIDE: ("set aside", "mute")}


def state_badge(notice: Notice) -> SafeString:
    """Return where a message is as a label; one that failed at least once is red."""
    failing = notice.state == State.WAITING and notice.last_error
    return badge(
        notice.state, "bad" if failing else TONES[State(notice.state)], title=notice.last_error
    )


def thread_badge(thread: Thread) -> SafeString:
    """Return whether somebody is still needed."""
    if thread.closed_at is not None:
        return badge("resolved", "good", title="None of them needs anybody any more.")
    return badge("open", "bad", title="Some of them still need somebody.")


def trouble_badge(trouble: Trouble) -> SafeString:
    """Return how a trouble ended, or that it has not."""
    if trouble.ended_at is None:
        return badge("open", "bad")
    words, tone = OUTCOMES.get(Outcome(trouble.outcome), ("other trouble", "warn"))
    return badge(words, tone, title=trouble.end_words)


def channel_row(name: str, title: str, state: ChannelState | None) -> dict[str, object]:
    """Return what the list says of a channel."""
    if state is None or (state.sent_at is None and not state.failures):
        label: SafeString = badge("not used yet", "mute")
    elif state.failures:
        label = badge("fails", "bad", title=state.last_error)
    else:
        label = badge("works", "good")
    return {
        "name": name,
        "title": title,
        "label": label,
        "sent": ago(state.sent_at) if state and state.sent_at else "",
        "error": state.last_error if state and state.failures else "",
        "again": ago(state.free_at) if state and state.failures else "",
    }


def channel_titles() -> dict[str, str]:
    """Return the titles of the configured channels, by name."""
    return {channel.name: channel.title for channel in channels()}
