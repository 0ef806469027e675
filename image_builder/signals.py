"""Ctrl-C and SIGTERM end a build in an orderly way; clearing away is never cut short."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

CAUGHT = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(BaseException):
    """A signal asked for the end."""


class _State:
    shielded = 0
    pending = False


def _handle(number: int, frame: FrameType | None) -> None:
    if _State.shielded:
        _State.pending = True
        return
    _State.shielded += 1  # from here on everything is clearing away
    raise Interrupted


@contextmanager
def caught() -> Iterator[None]:
    """Turn the signals into Interrupted, once; the old handlers come back at the end."""
    before = {number: signal.signal(number, _handle) for number in CAUGHT}
    _State.shielded, _State.pending = 0, False
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def shielded() -> Iterator[None]:
    """Let no signal in; one that comes meanwhile is heeded afterwards."""
    _State.shielded += 1
    try:
        yield
    finally:
        _State.shielded -= 1
        if _State.pending and not _State.shielded and sys.exc_info()[0] is None:
            _State.pending = False
            _State.shielded += 1
            raise Interrupted
