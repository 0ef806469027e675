"""The figures of a run."""

import math

from hypothesis import given
from hypothesis import strategies as st

from simulator.summary import Latencies, latencies


def test_percentiles_of_a_hundred_are_the_fiftieth_and_the_ninety_ninth() -> None:
    assert latencies([float(n) for n in range(100, 0, -1)]) == Latencies(50.0, 99.0)


def test_nothing_measured_has_no_percentiles() -> None:
    assert latencies([]) == Latencies(None, None)


@given(st.lists(st.floats(0, 1000), min_size=1))
def test_so_many_per_cent_do_not_exceed_a_percentile(values: list[float]) -> None:
    measured = latencies(values)
    assert measured.p50 is not None
    assert measured.p99 is not None
    for percent, limit in ((50, measured.p50), (99, measured.p99)):
        below = sum(round(value, 4) <= limit for value in values)
        assert below >= math.ceil(len(values) * percent / 100)
