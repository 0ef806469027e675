"""Slack's web API and incoming webhooks, as far as a program that sends messages needs them.

Shapes and words of errors are those of Slack's reference: chat.postMessage, chat.update,
conversations.history, conversations.replies, auth.test, and incoming webhooks.
"""

import hmac
from collections.abc import Callable
from typing import Any, NamedTuple

from simulator.slack.blocks import refusal
from simulator.slack.store import Channel, Json, Store

WEBHOOK_PATH = "/services/"
API_PATH = "/api/"
MOST_AT_A_TIME = 1000


class Answer(NamedTuple):
    """Status and body; text where the body is no JSON."""

    status: int
    body: Json | str


class Api:
    """Answers one request after the other; the first channel is that of webhooks."""

    def __init__(self, store: Store, token: str, webhook_secret: str) -> None:
        self._store = store
        self._token = token
        self._webhook = WEBHOOK_PATH + webhook_secret
        self._methods: dict[str, Callable[[Json], Json]] = {
            "auth.test": self._auth_test,
            "chat.postMessage": self._post,
            "chat.update": self._update,
            "conversations.history": self._history,
            "conversations.replies": self._replies,
        }

    def answer(self, path: str, authorization: str, sent: Json | None) -> Answer:
        """Answer a request; `sent` is None where its body could not be read."""
        if path.startswith(WEBHOOK_PATH):
            return self._receive(path, sent)
        method = self._methods.get(path.removeprefix(API_PATH))
        if method is None:
            return _refused("unknown_method")
        token = authorization.removeprefix("Bearer ") or str((sent or {}).get("token", ""))
        if not token:
            return _refused("not_authed")
        if not hmac.compare_digest(token.encode(), self._token.encode()):
            return _refused("invalid_auth")
        if sent is None:
            return _refused("invalid_json")
        return Answer(200, method(sent))

    def _receive(self, path: str, sent: Json | None) -> Answer:
        """An incoming webhook answers in plain words."""
        if not hmac.compare_digest(path.encode(), self._webhook.encode()):
            return Answer(403, "invalid_token")
        if sent is None:
            return Answer(400, "invalid_payload")
        if problem := refusal(sent):
            return Answer(400, problem)
        self._store.post(self._store.channels[0], sent)
        return Answer(200, "ok")

    def _auth_test(self, _sent: Json) -> Json:
        return {
            "ok": True,
            "url": "https://stand-in.example/",
            "team": "Stand-in",
            "user": "bearman",
            "team_id": "T000000001",
            "user_id": "U0BEARMAN",
            "bot_id": "B0BEARMAN",
        }

    def _post(self, sent: Json) -> Json:
        channel = self._store.channel(str(sent.get("channel", "")))
        if channel is None:
            return _error("channel_not_found")
        if problem := refusal(sent):
            return _error(problem)
        if (thread := sent.get("thread_ts")) and channel.find(str(thread)) is None:
            return _error("thread_not_found")
        message = self._store.post(channel, sent)
        shown = message.as_json(0, with_metadata=True)
        return {"ok": True, "channel": channel.id, "ts": message.ts, "message": shown}

    def _update(self, sent: Json) -> Json:
        channel = self._by_number(sent)
        if channel is None:
            return _error("channel_not_found")
        message = channel.find(str(sent.get("ts", "")))
        if message is None:
            return _error("message_not_found")
        if problem := refusal(sent):
            return _error(problem)
        self._store.edit(message, sent)
        shown = message.as_json(0, with_metadata=True)
        return {"ok": True, "channel": channel.id, "ts": message.ts, "message": shown}

    def _history(self, sent: Json) -> Json:
        """Newest first, and without what stands in threads."""
        channel = self._by_number(sent)
        if channel is None:
            return _error("channel_not_found")
        return self._page(channel, sent, list(reversed(channel.heads)))

    def _replies(self, sent: Json) -> Json:
        """A thread from its first message on."""
        channel = self._by_number(sent)
        if channel is None:
            return _error("channel_not_found")
        head = channel.find(str(sent.get("ts", "")))
        if head is None:
            return _error("thread_not_found")
        return self._page(channel, sent, [head, *channel.replies(head.ts)])

    def _page(self, channel: Channel, sent: Json, messages: list[Any]) -> Json:
        """So many messages from the cursor on, of the time that is asked for."""
        oldest, latest = float(sent.get("oldest") or 0), float(sent.get("latest") or "inf")
        inside = [m for m in messages if oldest <= float(m.ts) <= latest]
        limit = min(int(sent.get("limit") or 100), MOST_AT_A_TIME)
        start = int(sent.get("cursor") or 0)
        wanted = str(sent.get("include_all_metadata", "")).lower() in ("1", "true")
        more = len(inside) > start + limit
        return {
            "ok": True,
            "messages": [
                m.as_json(len(channel.replies(m.ts)), with_metadata=wanted)
                for m in inside[start : start + limit]
            ],
            "has_more": more,
            "response_metadata": {"next_cursor": str(start + limit) if more else ""},
        }

    def _by_number(self, sent: Json) -> Channel | None:
        """Only chat.postMessage takes a channel's name."""
        found = self._store.channel(str(sent.get("channel", "")))
        return found if found and found.id == sent.get("channel") else None


def _error(word: str) -> Json:
    return {"ok": False, "error": word}


def _refused(word: str) -> Answer:
    return Answer(200, _error(word))
