"""An incoming webhook such as Slack's; no Django here.

It answers no name for a message, so nothing can be changed or looked for afterwards. A message
whose outcome nobody knows (the connection ended after it was sent) is sent again: rather twice
than never.
"""

from dataclasses import dataclass, field
from typing import Any

from bearman.notices.channels import mrkdwn
from bearman.notices.channels.base import Message, NotSent, Sent
from bearman.notices.channels.http import Answer, post

# Slack's words for what is the message's own fault
# (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks).
_BAD_MESSAGE = ("invalid_blocks", "invalid_payload", "invalid_attachments", "no_text")


@dataclass(frozen=True, slots=True)
class Webhook:
    """Posts to a secret address, as Slack, Mattermost, Rocket.Chat and others give out."""

    url: str = field(repr=False)
    seconds: float = 10.0
    name: str = "webhook"
    title: str = "Slack webhook"
    threads: bool = False

    def send(self, message: Message) -> Sent:
        """Post it; where the server does not take blocks, as text alone."""
        words = mrkdwn.text(message.document)
        answer = self._post({"text": words, "blocks": mrkdwn.blocks(message.document)})
        if answer.status == 400:
            answer = self._post({"text": words})
        _judge(answer)
        return Sent()

    def find(self, message: Message) -> Sent | None:
        """Return None: a webhook tells nothing."""
        return None

    def _post(self, body: dict[str, Any]) -> Answer:
        return post(
            self.url,
            json={**body, "unfurl_links": False, "unfurl_media": False},
            headers={},
            seconds=self.seconds,
        )


def _judge(answer: Answer) -> None:
    """Raise NotSent unless the status says that it was taken; the body may be cut off then."""
    if 200 <= answer.status < 300:
        return
    said = answer.body[:60].decode("ascii", "replace")
    if answer.status == 429:
        raise NotSent("The webhook says that messages come too fast.", seconds=answer.retry_after)
    if answer.status >= 500:
        raise NotSent(f"The webhook answered {answer.status}.", seconds=answer.retry_after)
    if answer.status == 400 and said.startswith(_BAD_MESSAGE):
        raise NotSent(f"The webhook does not take this message: {said!r}.", this_only=True)
    raise NotSent(
        f"The webhook answered {answer.status}: see that BEARMAN_SLACK_WEBHOOK is right and that "
        "the webhook was not removed."
    )
