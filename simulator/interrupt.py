"""Ctrl-C, once: what cleans up must not be interrupted itself."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # the last: the terminal is gone


def interrupt_once() -> None:
    """Make the first of SIGNALS a KeyboardInterrupt, and pass over all that follow."""
    for number in SIGNALS:
        signal.signal(number, _first)


@contextmanager
def signals_held() -> Iterator[None]:
    """Let SIGNALS wait for the end of the block: what it makes is by then known to who ends it.

    For the main thread only, as all that sets handlers.
    """
    came: list[int] = []
    before = {
        number: signal.signal(number, lambda number, _: came.append(number)) for number in SIGNALS
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for late in came:
            signal.raise_signal(late)


def _first(_number: int, _frame: FrameType | None) -> None:
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt
