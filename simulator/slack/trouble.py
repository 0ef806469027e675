"""How a stand-in for Slack misbehaves when it is asked to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trouble:
    """What happens to one request.

    `status` answers with that status and keeps nothing; 429 says `retry_after` seconds, or nothing
    of the kind where that is None. `hang_s` waits before anything else. `drop` ends the connection
    without an answer and keeps nothing; `cut` keeps it and ends the connection in the middle of the
    answer. With `keeps` the message is kept in any case: the sender cannot know.
    """

    status: int = 0
    retry_after: float | None = None
    hang_s: float = 0.0
    drop: bool = False
    cut: bool = False
    keeps: bool = False
    body: str = ""
