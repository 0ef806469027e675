"""The channels that the settings name."""

from urllib.parse import urlsplit

from django.conf import settings

from bearman.notices.channels.base import Channel
from bearman.notices.channels.mail import Mail
from bearman.notices.channels.slack import Slack
from bearman.notices.channels.webhook import Webhook


def channels() -> list[Channel]:
    """Return the channels of this installation; none where none is configured."""
    found: list[Channel] = []
    if settings.SLACK_TOKEN and settings.SLACK_CHANNEL:
        found.append(
            Slack(
                token=settings.SLACK_TOKEN,
                channel=settings.SLACK_CHANNEL,
                api=settings.SLACK_API,
                seconds=settings.NOTICE_ANSWER_SECONDS,
            )
        )
    if settings.SLACK_WEBHOOK:
        found.append(Webhook(url=settings.SLACK_WEBHOOK, seconds=settings.NOTICE_ANSWER_SECONDS))
    if settings.MAIL_TO:
        host = urlsplit(settings.PUBLIC_URL).hostname or "bearman.invalid"
        found.append(Mail(to=settings.MAIL_TO, sender=settings.MAIL_FROM, domain=host))
    return found


def channel_named(name: str) -> Channel | None:
    """Return the channel of that name; None where it is not configured (any more)."""
    return next((channel for channel in channels() if channel.name == name), None)


def wanted() -> bool:
    """Return whether anybody is to be told of anything."""
    return bool(
        (settings.SLACK_TOKEN and settings.SLACK_CHANNEL)
        or settings.SLACK_WEBHOOK
        or settings.MAIL_TO
    )


def incomplete() -> str:
    """Return in words which settings contradict each other; nothing where all is well."""
    if bool(settings.SLACK_TOKEN) != bool(settings.SLACK_CHANNEL):
        return "BEARMAN_SLACK_TOKEN and BEARMAN_SLACK_CHANNEL are of use together only."
    return ""
