"""Sets of addresses as sorted, disjoint spans of integers; arithmetic that knows no Django.

An IPv6 pool may hold 2**64 addresses and more, so nothing here walks over single addresses.
"""

from collections.abc import Iterable
from typing import NamedTuple


class Span(NamedTuple):
    """All integers from `first` to `last`, both included."""

    first: int
    last: int


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return the union of `spans`: sorted, with those that touch made one."""
    union: list[Span] = []
    for span in sorted(spans):
        if union and span.first <= union[-1].last + 1:
            union[-1] = Span(union[-1].first, max(union[-1].last, span.last))
        else:
            union.append(span)
    return union


def without(spans: Iterable[Span], holes: Iterable[Span]) -> list[Span]:
    """Return what is in `spans` and in none of `holes`."""
    left = merged(spans)
    for hole in merged(holes):
        left = [part for span in left for part in _cut(span, hole)]
    return left


def _cut(span: Span, hole: Span) -> list[Span]:
    if hole.last < span.first or span.last < hole.first:
        return [span]
    ends = (Span(span.first, hole.first - 1), Span(hole.last + 1, span.last))
    return [end for end in ends if end.first <= end.last]


def size(spans: Iterable[Span]) -> int:
    """Return how many integers are in disjoint `spans`."""
    return sum(span.last - span.first + 1 for span in spans)


def take(spans: Iterable[Span], count: int) -> tuple[list[int], list[Span]]:
    """Return the `count` lowest integers of disjoint `spans`, or all of them, and the rest."""
    taken: list[int] = []
    rest: list[Span] = []
    for span in sorted(spans):
        part = range(span.first, min(span.last, span.first + count - len(taken) - 1) + 1)
        taken.extend(part)
        if part.stop <= span.last:
            rest.append(Span(part.stop, span.last))
    return taken, rest
