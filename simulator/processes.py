"""Finds and ends all processes of a session, whatever groups they made for themselves."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

PASSES = 50  # a process may fork while we look; nothing forks this often after SIGKILL
PAUSE_SECONDS = 0.01
ZOMBIE = "Z"


def session_members(session: int) -> Iterator[int]:
    """Process ids of the session's living members: /proc/PID/stat fields 3 and 6, proc(5)."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            stat = (entry / "stat").read_text("utf-8", "replace")
        except OSError:
            continue  # ended meanwhile
        state, _parent, _group, its_session = stat.rpartition(")")[2].split()[:4]
        if int(its_session) == session and state != ZOMBIE:
            yield int(entry.name)


def signal_session(session: int, number: signal.Signals) -> int:
    """Send a signal to every member, and return how many there were."""
    members = list(session_members(session))
    for pid in members:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue
    return len(members)


def kill_session(session: int) -> None:
    """Kill every member, again until none is left.

    `timeout` puts its child into a process group of its own, so killing a group is not enough.
    The leader must not have been waited for: its id would be free for a stranger.
    """
    for _ in range(PASSES):
        if not signal_session(session, signal.SIGKILL):
            return
        time.sleep(PAUSE_SECONDS)
