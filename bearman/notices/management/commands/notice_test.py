"""`bearman notice_test`: send a message through each channel, and say what came of it."""

from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from bearman.notices.channels.base import Channel, Message, NotSent
from bearman.notices.channels.configured import channels, incomplete
from bearman.notices.document import Document, Link, Mood, Text
from bearman.notices.states import Kind

HOW = (
    "No channel is configured: set BEARMAN_SLACK_WEBHOOK, BEARMAN_SLACK_TOKEN and "
    "BEARMAN_SLACK_CHANNEL, or BEARMAN_MAIL_TO. docs/notices.md says how."
)


class Command(BaseCommand):
    """Send it at once, past the outbox; nothing is tried again."""

    help = "Send a test message through each configured channel and say what came of it."

    def handle(self, *args: Any, **options: Any) -> None:
        """Send them; ends with an error where one did not go out."""
        if incomplete():
            raise CommandError(incomplete())
        found = channels()
        if not found:
            raise CommandError(HOW)
        failed = [channel.title for channel in found if not self._sent(channel)]
        if failed:
            raise CommandError(f"Nobody is reached by {' and '.join(failed)}.")

    def _sent(self, channel: Channel) -> bool:
        try:
            channel.send(_message())
        except NotSent as error:
            where = " It may have arrived all the same." if error.unsure else ""
            self.stdout.write(f"{channel.title}: not sent. {error}{where}")
            return False
        self.stdout.write(f"{channel.title}: sent. See that it arrived.")
        return True


def _message() -> Message:
    words = "Bearman can reach you. Messages like this one come when a machine fails."
    parts = (Text(words), Link("Open Bearman", f"{settings.PUBLIC_URL}/admin/"))
    return Message(
        key=str(uuid4()),
        kind=Kind.OPEN,
        document=Document(Mood.GOOD, "Test message", parts),
        topic="[Bearman] Test message",
    )
