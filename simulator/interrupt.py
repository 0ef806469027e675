"""Ctrl-C, once: what cleans up must not be interrupted itself."""

import signal
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # the last: the terminal is gone


def interrupt_once() -> None:
    """Make the first of SIGNALS a KeyboardInterrupt, and pass over all that follow."""
    for number in SIGNALS:
        signal.signal(number, _first)


def _first(_number: int, _frame: FrameType | None) -> None:
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt
