"""When what happened: a machine's way by its console, its BMC and what Bearman says of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from tests.rack.layout import Slot

Found = TypeVar("Found")
POLL_SECONDS = 0.5
TAIL_LINES = 60


class NotReachedError(AssertionError):
    """What was waited for did not come; the message has the end of the console."""


@dataclass
class Times:
    """Seconds of each stage since the first; printed for people."""

    title: str
    waited: float = 0.0  # for Bearman, of all that
    began: float = field(default_factory=time.monotonic)
    began_at: float = field(default_factory=time.time)
    stages: list[tuple[str, float]] = field(default_factory=list)

    def mark(self, stage: str) -> None:
        """Note that a stage is reached now."""
        self.stages.append((stage, time.monotonic() - self.began))

    def __str__(self) -> str:
        before, lines = 0.0, [self.title]
        for stage, at in self.stages:
            lines.append(f"  {at:7.1f} s  (+{at - before:6.1f})  {stage}")
            before = at
        if self.waited:
            lines.append(f"  {self.waited:7.1f} s of it the machine waited for Bearman")
        return "\n".join(lines)


def console_text(slot: Slot) -> str:
    """What the machine's serial port has said until now."""
    try:
        return slot.console.read_text("utf-8", "replace")
    except OSError:
        return ""


def wait_console(slot: Slot, words: str, seconds: float, *, after: int = 0) -> None:
    """Wait until the console has said `words` beyond its first `after` characters."""
    wait_for(
        slot, f"{words!r} on the console", lambda: words in console_text(slot)[after:], seconds
    )


def wait_for(slot: Slot, what: str, look: Callable[[], Found | None], seconds: float) -> Found:
    """Wait until `look` returns something true, and return that; raises NotReachedError."""
    limit = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > limit:
            tail = "\n".join(console_text(slot).splitlines()[-TAIL_LINES:])
            raise NotReachedError(f"no {what} within {seconds:.0f} s; the console's end:\n{tail}")
        time.sleep(POLL_SECONDS)
    return found
