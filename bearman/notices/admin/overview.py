"""What stands above the lists: the channels, and how they do."""

from typing import Any

from bearman.notices.channels.configured import channels, incomplete
from bearman.notices.labels import channel_row
from bearman.notices.selectors import channel_states, waiting_counts


def channels_now() -> dict[str, Any]:
    """Return the context of notices/admin/channels.html."""
    states, waiting = channel_states(), waiting_counts()
    found = [
        channel_row(channel.name, channel.title, states.get(channel.name))
        | {"waiting": waiting.get(channel.name, 0)}
        for channel in channels()
    ]
    return {"channels": found, "incomplete": incomplete()}
