"""Waiting: full jitter under a ceiling that grows, and an end."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bearman_cli.errors import CliError
from bearman_cli.exit_codes import ExitCode
from bearman_cli.notes import Notes
from bearman_cli.retry import FIRST_WAIT, LONGEST_WAIT, TryAgain, until_done, wait_before

QUIET = Notes(quiet=True)


@given(st.integers(2, 100_000))
def test_a_wait_is_between_nothing_and_the_ceiling(attempt: int) -> None:
    assert 0 <= wait_before(attempt) <= min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(attempt, 30))


def test_a_thousand_machines_spread_over_the_whole_wait() -> None:
    waits = sorted(wait_before(20) for _ in range(1000))
    assert waits[100] < LONGEST_WAIT * 0.2
    assert LONGEST_WAIT * 0.4 < waits[500] < LONGEST_WAIT * 0.6
    assert waits[900] > LONGEST_WAIT * 0.8


def test_the_last_attempt_is_made_when_the_time_is_up() -> None:
    begun = time.monotonic()
    attempts = []

    def fail() -> None:
        attempts.append(time.monotonic() - begun)
        raise TryAgain(CliError(ExitCode.UNREACHABLE, "Away."))

    with pytest.raises(CliError, match=r"Away\. Gave up after \d+ attempts in 1 s\."):
        until_done(fail, retry_for=1.0, notes=QUIET)
    assert len(attempts) > 1
    assert 1.0 <= attempts[-1] < 10  # a computer may be busy


def test_other_errors_are_not_repeated() -> None:
    attempts = []

    def refuse() -> None:
        attempts.append(1)
        raise CliError(ExitCode.REFUSED, "No.")

    with pytest.raises(CliError, match=r"^No\.$"):
        until_done(refuse, retry_for=60, notes=QUIET)
    assert len(attempts) == 1
