"""Patterns of cables."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.wiring.pattern import PatternError, parse_patterns


def end_of(line: str, rack: str = "r1", unit: int | None = 7) -> str:
    (pattern,) = parse_patterns(line)
    return str(pattern.end(rack=rack, unit=unit, source="p"))


@pytest.mark.parametrize(
    ("line", "end"),
    [
        ("eno1 -> leaf-{rack}a:{unit}", "leaf-r1a port 7"),
        ("eno1 → leaf-{rack}a:{unit}", "leaf-r1a port 7"),
        ("eno1->leaf-{rack}a:Ethernet1/{unit:02}", "leaf-r1a port Ethernet1/07"),
        ("eno1 -> leaf:swp{unit+24}", "leaf port swp31"),
        ("eno1 -> leaf:{unit+24:03}", "leaf port 031"),
        ("eno1 -> leaf:et-0/0/{unit}:1", "leaf port et-0/0/7:1"),
        ("eno1 -> 02:00:00:00:00:01:{unit}", "02:00:00:00:00:01 port 7"),
        ("eno1 -> leaf:Port {unit} speed=25 vlan=3 mtu=9000", "leaf port Port 7"),
    ],
)
def test_a_pattern_means_a_port(line: str, end: str) -> None:
    assert end_of(line) == end


def test_options_are_kept_and_a_pattern_prints_as_it_is_written() -> None:
    line = "eno1 -> leaf-{rack}a:{unit:02} speed=25 vlan=3 mtu=9000"
    (pattern,) = parse_patterns(line)
    assert (pattern.speed, pattern.vlan, pattern.mtu) == (25, 3, 9000)
    assert str(pattern) == line


def test_a_place_that_is_not_known_gives_no_end() -> None:
    assert end_of("eno1 -> leaf-{rack}:1", rack="") == "None"
    assert end_of("eno1 -> leaf:{unit}", unit=None) == "None"
    assert end_of("eno1 -> leaf:{unit-9}") == "None"
    assert end_of("eno1 -> leaf:1", rack="", unit=None) == "leaf port 1"


def test_empty_lines_and_comments_are_passed_over() -> None:
    assert len(parse_patterns("# both\n\neno1 -> a:1\r\n  eno2 -> b:1  ")) == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("eno1 leaf:1", "Line 1: Write INTERFACE -> SWITCH:PORT"),
        ("\neno1 -> leaf", "Line 2: 'leaf' is not SWITCH:PORT"),
        ("e/1 -> a:1", "not the name of an interface"),
        ("eno1 -> a{row}:1", "the variables are"),
        ("eno1 -> a:{unit", "the variables are"),
        ("eno1 -> a:{unit*2}", "the variables are"),
        ("eno1 -> a{rack:02}:1", "neither counted nor padded"),
        ("eno1 -> a:1 colour=3", "speed=, vlan=, mtu="),
        ("eno1 -> a:1 vlan=1 vlan=2", "speed=, vlan=, mtu="),
        ("eno1 -> a:1 vlan=4095", "vlan is from 1 to 4094"),
        ("eno1 -> a:1 speed=0", "speed is from 1"),
        ("eno1 -> a:1\neno1 -> b:1", "has a pattern already"),
        ("eno1 -> a:1\neno2 -> a:1", "both lead to a:1"),
        ("eno1 -> " + "a" * 400 + ":1", "Write INTERFACE"),
        ("\n".join(f"e{n} -> a:{n}" for n in range(65)), "at most 64"),
    ],
)
def test_what_is_wrong_with_a_pattern_is_told_by_line(text: str, words: str) -> None:
    with pytest.raises(PatternError) as caught:
        parse_patterns(text)
    assert words in str(caught.value)


@given(
    st.sampled_from(["leaf-{rack}a", "{rack}", "l{unit}-{rack}.example", "tor"]),
    st.sampled_from(["{unit}", "Eth1/{unit:02}", "swp{unit+24}", "{unit}/1"]),
    st.text("abcr1290-", min_size=1, max_size=8).filter(lambda text: text.strip("-")),
    st.integers(min_value=1, max_value=60),
)
def test_whose_port_it_is_is_found_again(switch: str, port: str, rack: str, unit: int) -> None:
    (pattern,) = parse_patterns(f"eno1 -> {switch}:{port}")
    end = pattern.end(rack=rack, unit=unit, source="p")
    assert end
    places = pattern.places(end.switch, end.port, rack=rack)
    assert (rack, unit) in places


@given(st.text(max_size=200))
def test_any_text_is_patterns_or_refused_in_a_sentence(text: str) -> None:
    with suppress(PatternError):
        parse_patterns(text)
