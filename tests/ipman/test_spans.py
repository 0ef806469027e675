"""Arithmetic on spans, compared with plain sets."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ipman.spans import Span, merged, size, take, without

pairs = st.tuples(st.integers(0, 60), st.integers(0, 60))
spans = st.lists(pairs.map(lambda pair: Span(min(pair), max(pair))), max_size=8)


def as_set(some: list[Span]) -> set[int]:
    return {number for first, last in some for number in range(first, last + 1)}


@given(spans)
def test_merging_keeps_every_number_in_as_few_spans_as_possible(some: list[Span]) -> None:
    union = merged(some)
    assert as_set(union) == as_set(some)
    assert all(left.last + 1 < right.first for left, right in pairwise(union))


@given(spans, spans)
def test_what_is_cut_out_is_gone_and_nothing_else(some: list[Span], holes: list[Span]) -> None:
    left = without(some, holes)
    assert as_set(left) == as_set(some) - as_set(holes)
    assert left == merged(left)


@given(spans, st.integers(0, 70))
def test_taking_gives_the_lowest_numbers_and_keeps_the_others(some: list[Span], count: int) -> None:
    whole = merged(some)
    taken, rest = take(whole, count)
    assert taken == sorted(as_set(whole))[:count]
    assert as_set(rest) == as_set(whole) - set(taken)
    assert size(rest) + len(taken) == size(whole)


def test_spans_of_more_numbers_than_memory_holds_are_no_trouble() -> None:
    whole = [Span(0, 2**127)]
    taken, rest = take(without(whole, [Span(1, 2**126)]), 2)
    assert taken == [0, 2**126 + 1]
    assert size(rest) == 2**126 - 1
