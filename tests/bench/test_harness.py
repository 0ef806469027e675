"""The arithmetic of the benches, their clients, and what happens when a client fails."""

import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.harness import Aim, Measure, best_of, measure, percentile, ratios
from bench.load import LoadError, drive
from bench.moments import Stopwatch
from bench.web import Answer


def measured(
    name: str = "m", rate: float = 100.0, median_ms: float = 10.0, bare: str = ""
) -> Measure:
    return Measure(name, 10, rate, median_ms, 2 * median_ms, 1.0, max_ms=3 * median_ms, bare=bare)


@dataclass(frozen=True)
class Counting:
    """Jobs that do nothing, or fail at one of them."""

    fails_at: int = -1

    def jobs(self, numbers: range) -> Sequence[Any]:
        return numbers

    def operation(self) -> Callable[[Any], object]:
        def work(number: int) -> None:
            if number == self.fails_at:
                raise ValueError(f"number {number} is bad")

        return work


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0.01, 1))
def test_a_percentile_is_the_smallest_value_that_covers_its_part(
    values: list[float], part: float
) -> None:
    found = percentile(values, part)
    assert found in values
    assert sum(value <= found for value in values) >= part * len(values)
    assert sum(value < found for value in values) < max(part * len(values), 1)


def test_the_best_run_counts_and_all_are_told() -> None:
    rates = iter([50.0, 80.0, 60.0])
    best = best_of(3, lambda: measured(rate=next(rates)))
    assert best.rate == 80.0
    assert best.runs == [50.0, 80.0, 60.0]


def test_a_ratio_says_how_many_times_the_bare_measure_an_operation_takes() -> None:
    rows = [measured("bare", rate=1000), measured("real", rate=250, bare="bare")]
    assert ratios(rows) == {"real": 4.0}


@pytest.mark.parametrize(
    ("aim", "words", "met"),
    [
        (Aim(rate=100), "100/s", True),
        (Aim(rate=1001), "1,001/s", False),
        (Aim(median_ms=10), "10 ms", True),
        (Aim(median_ms=9.5), "9.5 ms", False),
        (Aim(max_ms=30), "all in 30 ms", True),
        (Aim(max_ms=29), "all in 29 ms", False),
        (Aim(ratio=1.2), "x 1.2", True),
        (Aim(ratio=1.0), "x 1", False),
    ],
)
def test_an_aim_is_a_rate_a_time_or_a_ratio(aim: Aim, words: str, met: bool) -> None:
    assert str(aim) == words
    assert aim.is_met(measured(rate=100, median_ms=10), ratio=1.1) is met


def test_what_others_did_is_measured_from_its_beginning() -> None:
    watch = Stopwatch(cpu=iter([1.0, 1.5]).__next__)
    done = [watch.began + timedelta(seconds=seconds) for seconds in (1, 4, 2)]
    found = watch.measure("m", done)
    assert (found.operations, found.rate, found.max_ms) == (3, 0.75, 4000)
    assert found.cpu_ms == pytest.approx(500 / 3)


def test_work_of_which_nothing_was_done_is_no_measure() -> None:
    with pytest.raises(LoadError, match="nothing"):
        Stopwatch(cpu=lambda: 0.0).measure("m", [])


def test_each_operation_is_done_once_by_one_of_the_clients() -> None:
    found = measure("counting", Counting(), range(100, 150), cpu=lambda: 0.0, clients=4)
    assert found.operations == 50
    assert found.rate > 0


def test_a_failing_client_ends_the_measurement_with_its_words() -> None:
    with pytest.raises(LoadError, match="number 7 is bad"):
        drive(Counting(fails_at=7), range(20), cpu=lambda: 0.0, clients=4)


def answer_to(*pieces: bytes) -> Answer:
    """What a client makes of these pieces, which come one after the other."""
    ours, theirs = socket.socketpair()
    with ours, theirs:

        def send() -> None:
            for piece in pieces:
                theirs.sendall(piece)
            theirs.shutdown(socket.SHUT_WR)

        sender = threading.Thread(target=send)
        sender.start()
        try:
            return Answer(ours)
        finally:
            sender.join()


def test_an_answer_in_pieces_is_put_together() -> None:
    answer = answer_to(b"HTTP/1.1 200 OK\r\nContent-", b"length: 6\r\n\r\nabc", b"def")
    assert (answer.status, answer.body) == (200, b"abcdef")


@pytest.mark.parametrize(
    "pieces",
    [
        (b"",),
        (b"HTTP/1.1 200 OK\r\n",),
        (b"HTTP/1.1 200 OK\r\n\r\nabc",),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc",),
    ],
)
def test_an_answer_that_is_cut_short_is_no_answer(pieces: tuple[bytes, ...]) -> None:
    with pytest.raises(RuntimeError):
        answer_to(*pieces)
