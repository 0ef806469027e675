"""What of a network can be handed out."""

from ipaddress import ip_address

import pytest

from ipman.layout import Layout, addresses, from_texts, to_texts
from ipman.spans import Span, size


def layout(first: str, last: str, prefix_length: int, gateway: str = "") -> Layout:
    return Layout(
        ip_address(first), ip_address(last), prefix_length, ip_address(gateway) if gateway else None
    )


@pytest.mark.parametrize(
    ("first", "last", "prefix_length", "capacity"),
    [
        ("10.0.0.0", "10.0.0.255", 24, 254),  # without network and broadcast address
        ("10.0.0.0", "10.0.0.255", 23, 255),  # .255 is a host there
        ("10.0.0.0", "10.0.0.1", 31, 2),  # RFC 3021
        ("10.0.0.7", "10.0.0.7", 32, 1),
        ("fd00::", "fd00::ffff:ffff:ffff:ffff", 64, 2**64 - 1),  # RFC 4291 section 2.6.1
        ("fd00::", "fd00::1", 127, 2),  # RFC 6164
        ("fd00::9", "fd00::9", 128, 1),
    ],
)
def test_only_addresses_that_a_host_may_have_are_handed_out(
    first: str, last: str, prefix_length: int, capacity: int
) -> None:
    assert size(layout(first, last, prefix_length).allowed()) == capacity


def test_the_gateway_and_reserved_ranges_are_left_out() -> None:
    reserved = (Span(int(ip_address("10.0.0.5")), int(ip_address("10.0.0.7"))),)
    pool = Layout(
        ip_address("10.0.0.1"), ip_address("10.0.0.9"), 24, ip_address("10.0.0.1"), reserved
    )
    assert to_texts(pool.allowed(), 4) == [["10.0.0.2", "10.0.0.4"], ["10.0.0.8", "10.0.0.9"]]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (layout("10.0.0.9", "10.0.0.1", 24), "last"),
        (layout("10.0.0.1", "fd00::1", 24), "last"),
        (layout("::ffff:10.0.0.1", "::ffff:10.0.0.9", 120), "first"),
        (layout("10.0.0.1", "10.0.1.1", 24), "last"),
        (layout("10.0.0.1", "10.0.0.9", 33), "prefix_length"),
        (layout("10.0.0.1", "10.0.0.9", 0), "prefix_length"),
        (layout("10.0.0.1", "10.0.0.9", 24, "10.0.1.1"), "gateway"),
        (layout("10.0.0.1", "10.0.0.9", 24, "fd00::1"), "gateway"),
    ],
)
def test_each_broken_rule_is_told_at_its_field(wrong: Layout, field: str) -> None:
    assert [name for name, _ in wrong.faults()] == [field]


def test_spans_survive_the_way_to_texts_and_back() -> None:
    spans = [Span(1, 5), Span(2**127, 2**128 - 1)]
    assert from_texts(to_texts(spans, 6)) == spans
    assert addresses([1], 6) == ["::1"]
