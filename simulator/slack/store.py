"""Channels, messages and threads, as Slack keeps them."""

import itertools
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(slots=True)
class Message:
    """One message. `ts` is its name within the channel, `thread_ts` that of the thread's first.

    `payload` is what was sent last, with `text`, `blocks` and `metadata` if there were some.
    """

    ts: str
    thread_ts: str
    payload: Json
    edits: int = 0
    posted_at: float = field(default_factory=time.time)

    @property
    def text(self) -> str:
        """Its plain text, which notifications show."""
        return str(self.payload.get("text", ""))

    @property
    def is_reply(self) -> bool:
        """Whether it stands in a thread and not in the channel."""
        return bool(self.thread_ts) and self.thread_ts != self.ts

    def as_json(self, replies: int, *, with_metadata: bool) -> Json:
        """The message object of the web API."""
        kept = ("text", "blocks", "attachments", "client_msg_id")
        found: Json = {name: self.payload[name] for name in kept if name in self.payload}
        found |= {"type": "message", "ts": self.ts, "user": "U0BEARMAN", "bot_id": "B0BEARMAN"}
        if self.is_reply or replies:
            found["thread_ts"] = self.thread_ts or self.ts
        if replies:
            found["reply_count"] = replies
        if self.edits:
            found["edited"] = {"user": "B0BEARMAN", "ts": self.ts}
        if with_metadata and "metadata" in self.payload:
            found["metadata"] = self.payload["metadata"]
        return found


@dataclass(slots=True)
class Channel:
    """A channel: its number in the API, its name for people, its messages in order of arrival."""

    id: str
    name: str
    messages: list[Message] = field(default_factory=list)

    @property
    def heads(self) -> list[Message]:
        """The messages that stand in the channel itself."""
        return [message for message in self.messages if not message.is_reply]

    def replies(self, ts: str) -> list[Message]:
        """The messages of a thread without its first."""
        return [m for m in self.messages if m.is_reply and m.thread_ts == ts]

    def find(self, ts: str) -> Message | None:
        """The message of that name."""
        return next((message for message in self.messages if message.ts == ts), None)


class Store:
    """All that a stand-in has received; may be read from any thread."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.lock = threading.RLock()
        self.channels = [Channel(f"C{n:09d}", name) for n, name in enumerate(names, start=1)]
        self._numbers = itertools.count(1)

    def channel(self, wanted: str) -> Channel | None:
        """A channel by its number, or by its name with or without `#`."""
        name = wanted.removeprefix("#")
        return next((c for c in self.channels if wanted == c.id or name == c.name), None)

    def post(self, channel: Channel, payload: Json) -> Message:
        """Keep a new message."""
        with self.lock:
            ts = f"{int(time.time())}.{next(self._numbers):06d}"
            message = Message(ts, str(payload.get("thread_ts") or ""), payload)
            channel.messages.append(message)
            return message

    def edit(self, message: Message, payload: Json) -> None:
        """Put something else in the place of what the message says."""
        with self.lock:
            message.payload = message.payload | payload
            message.edits += 1

    def __iter__(self) -> Iterator[Message]:
        """All messages of all channels."""
        with self.lock:
            return iter([m for channel in self.channels for m in channel.messages])
