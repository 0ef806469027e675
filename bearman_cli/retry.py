"""Tries again while the server is away: full jitter, and an end."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from bearman_cli.errors import CliError
from bearman_cli.notes import Notes

T = TypeVar("T")

FIRST_WAIT = 0.5  # seconds; doubles with each attempt
LONGEST_WAIT = 10.0  # seconds


class TryAgain(Exception):
    """An attempt failed in a way that may pass; `error` is what remains when time is up."""

    def __init__(self, error: CliError) -> None:
        super().__init__(error.message)
        self.error = error


def until_done(attempt: Callable[[], T], *, retry_for: float, notes: Notes) -> T:
    """Call `attempt` until it no longer raises TryAgain, for `retry_for` seconds at most.

    The last attempt begins when the time is up, so all may last one call longer than that.
    """
    begun = time.monotonic()
    number = 0
    while True:
        number += 1
        try:
            return attempt()
        except TryAgain as again:
            left = begun + retry_for - time.monotonic()
            if left <= 0:
                raise _given_up(again.error, number, retry_for) from None
            pause = min(wait_before(number + 1), left)
            notes.say(
                f"{again.error.message} Attempt {number + 1} in {pause:.1f} s, "
                f"giving up in {left:.0f} s."
            )
            time.sleep(pause)


def wait_before(attempt: int) -> float:
    """Seconds before attempt 2, 3, ...: full jitter, so that a thousand machines spread out.

    "Exponential Backoff And Jitter", AWS Architecture Blog, March 2015.
    """
    ceiling = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(attempt - 2, 10))
    return random.uniform(0.0, ceiling)  # noqa: S311 - no secret hangs on it


def _given_up(error: CliError, attempts: int, retry_for: float) -> CliError:
    if attempts > 1:
        error.message += f" Gave up after {attempts} attempts in {retry_for:.0f} s."
    return error
