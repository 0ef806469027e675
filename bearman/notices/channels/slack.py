"""Slack's Web API; no Django here.

https://docs.slack.dev/reference/methods: chat.postMessage, chat.update, conversations.history and
conversations.replies. A message carries its key as metadata. Where nobody knows whether it
arrived, it is looked for by that before it is sent again: Slack knows no idempotency key.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from bearman.notices.channels import mrkdwn
from bearman.notices.channels.base import Message, NotSent, Sent
from bearman.notices.channels.http import Answer, post
from bearman.notices.states import Kind

EVENT = "bearman_notice"
PAGE, MAX_PAGES = 200, 5  # messages looked through after an unknown outcome: the newest first

# The message's own fault.
_BAD_MESSAGE = frozenset(
    {"msg_too_long", "no_text", "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"}
    | {"message_not_found", "cant_update_message", "edit_window_closed", "thread_not_found"}
    | {"invalid_metadata_format", "invalid_metadata_schema", "metadata_too_large"}
)
_TOO_FAST = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
# Slack's own failures, after which it may have been posted.
_UNSURE = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout"})
_WHAT_TO_DO = {
    "not_in_channel": "Invite the app into the channel.",
    "channel_not_found": "Set BEARMAN_SLACK_CHANNEL to the channel's ID, and invite the app.",
    "is_archived": "Set BEARMAN_SLACK_CHANNEL to a channel that is not archived.",
    "invalid_auth": "Set BEARMAN_SLACK_TOKEN to the app's bot token.",
    "not_authed": "Set BEARMAN_SLACK_TOKEN to the app's bot token.",
    "token_revoked": "Set BEARMAN_SLACK_TOKEN to a bot token that is in force.",
    "token_expired": "Set BEARMAN_SLACK_TOKEN to a bot token that is in force.",
    "account_inactive": "Set BEARMAN_SLACK_TOKEN to a bot token that is in force.",
    "missing_scope": "Give the app the scope chat:write.",
}


class Refused(NotSent):
    """Slack's own word for why it did not do it."""

    def __init__(self, word: str) -> None:
        what = _WHAT_TO_DO.get(word, "")
        super().__init__(
            f"Slack answered {word}. {what}".strip(),
            unsure=word in _UNSURE,
            this_only=word in _BAD_MESSAGE,
        )
        self.word = word


@dataclass(frozen=True, slots=True)
class Slack:
    """Posts to one channel with the token of an app."""

    token: str = field(repr=False)
    channel: str
    api: str = "https://slack.com/api"
    seconds: float = 10.0
    name: str = "slack"
    title: str = "Slack"
    threads: bool = True

    def send(self, message: Message) -> Sent:
        """Post it, under the head if there is one; a count changes the head instead."""
        body: dict[str, Any] = {
            "channel": message.place or self.channel,
            "text": mrkdwn.text(message.document),
            "blocks": mrkdwn.blocks(message.document),
            "metadata": {"event_type": EVENT, "event_payload": {"key": message.key}},
        }
        if message.kind is Kind.COUNT:
            return self._without_blocks_if_refused("chat.update", body | {"ts": message.head})
        body |= {"unfurl_links": False, "unfurl_media": False, "client_msg_id": message.key}
        if message.head:
            body["thread_ts"] = message.head
        return self._without_blocks_if_refused("chat.postMessage", body)

    def find(self, message: Message) -> Sent | None:
        """Look for the message's key: in its thread, or among the newest of the channel."""
        if message.kind is Kind.COUNT:
            return None  # a change made twice is the same change
        if not (message.place or self.channel[:1] in "CGD"):
            return None  # only a channel's ID can be read, and Slack has not told it yet
        query = {"channel": message.place or self.channel, "limit": str(PAGE)}
        query |= {"include_all_metadata": "true", "oldest": f"{message.since:.6f}"}
        method = "conversations.history"
        if message.head:
            method, query["ts"] = "conversations.replies", message.head
        return self._look(method, query, message)

    def _look(self, method: str, query: dict[str, str], message: Message) -> Sent | None:
        for _ in range(MAX_PAGES):
            try:
                answer = self._call(method, query, as_form=True)
            except Refused as error:
                if error.word in ("missing_scope", "thread_not_found", "message_not_found"):
                    return None  # it cannot be looked for, and is rather sent twice than never
                raise
            for found in _dicts(answer.get("messages")):
                if _key_of(found) == message.key:
                    return Sent(str(found.get("ts", ""))[:200], message.place)
            metadata = answer.get("response_metadata")
            cursor = metadata.get("next_cursor") if isinstance(metadata, dict) else ""
            if not cursor:
                break
            query["cursor"] = str(cursor)
        return None

    def _without_blocks_if_refused(self, method: str, body: dict[str, Any]) -> Sent:
        try:
            answer = self._call(method, body)
        except Refused as error:
            if error.word not in ("invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"):
                raise
            del body["blocks"]
            answer = self._call(method, body)
        return Sent(str(answer.get("ts", ""))[:200], str(answer.get("channel", ""))[:100])

    def _call(self, method: str, body: dict[str, Any], *, as_form: bool = False) -> dict[str, Any]:
        """Call a method; raises NotSent, or Refused with Slack's own word."""
        answer = post(
            f"{self.api.rstrip('/')}/{method}",
            json=None if as_form else body,
            data=body if as_form else None,
            headers={"Authorization": f"Bearer {self.token}"},
            seconds=self.seconds,
        )
        return _judged(answer)


def _judged(answer: Answer) -> dict[str, Any]:
    if answer.status == 429:
        raise NotSent("Slack says that messages come too fast.", seconds=answer.retry_after)
    if answer.status >= 500:
        raise NotSent(f"Slack answered {answer.status}.", unsure=True, seconds=answer.retry_after)
    try:
        said = json.loads(answer.body)
    except ValueError:
        said = None
    if not isinstance(said, dict) or not answer.whole:
        raise NotSent(f"Slack's answer ({answer.status}) cannot be read.", unsure=True)
    if said.get("ok") is True:
        return said
    word = str(said.get("error", "unknown error"))[:60]
    if word in _TOO_FAST:
        raise NotSent("Slack says that messages come too fast.", seconds=answer.retry_after)
    raise Refused(word)


def _key_of(message: dict[str, Any]) -> str:
    metadata = message.get("metadata")
    payload = metadata.get("event_payload") if isinstance(metadata, dict) else None
    if isinstance(payload, dict):
        return str(payload.get("key", ""))
    return str(message.get("client_msg_id", ""))


def _dicts(values: object) -> list[dict[str, Any]]:
    return [v for v in values if isinstance(v, dict)] if isinstance(values, list) else []
