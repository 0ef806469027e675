"""What a channel must be able to do, and what can go wrong; no Django here."""

from dataclasses import dataclass
from typing import Protocol

from bearman.notices.document import Document
from bearman.notices.states import Kind


class NotSent(Exception):
    """A message that did not go out, or of which nobody knows; the words hold no secret.

    `unsure`: it may have arrived all the same. `seconds`: the channel said how long to wait.
    `this_only`: the channel refuses this one message and would take another one.
    """

    def __init__(
        self,
        words: str,
        *,
        unsure: bool = False,
        seconds: float | None = None,
        this_only: bool = False,
    ) -> None:
        super().__init__(words)
        self.unsure = unsure
        self.seconds = seconds
        self.this_only = this_only


@dataclass(frozen=True, slots=True)
class Message:
    """A message on its way: `key` is its own for good, `head` the name of the thread's first one.

    `topic` is the same for all messages of a thread, `since` a time (Unix, seconds) before the
    first attempt.
    """

    key: str
    kind: Kind
    document: Document
    topic: str
    head: str = ""
    place: str = ""
    since: float = 0.0


@dataclass(frozen=True, slots=True)
class Sent:
    """The name that the channel gave a message, and the channel's own for itself."""

    remote_id: str = ""
    place: str = ""


class Channel(Protocol):
    """One way to people: Slack through its Web API, a webhook, mail.

    `threads`: replies stand under a head, which can be changed later (see bearman.notices.plan).
    """

    @property
    def name(self) -> str:
        """The name in rows and logs."""

    @property
    def title(self) -> str:
        """The name for people."""

    @property
    def threads(self) -> bool:
        """Whether replies stand under a head."""

    def send(self, message: Message) -> Sent:
        """Send it; raises NotSent."""

    def find(self, message: Message) -> Sent | None:
        """Look whether it arrived in an attempt that ended without an answer.

        None where it did not, or where the channel cannot say. Raises NotSent.
        """
