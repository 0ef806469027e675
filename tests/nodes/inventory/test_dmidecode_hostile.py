"""Whatever a node sends, the parser answers, in time and within bounds."""

import json
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.inventory import parse_dmidecode
from nodes.inventory.findings import MAX_WARNINGS
from nodes.inventory.text import MAX_STRING
from tests.nodes.inventory.builder import TITLES, device

LINES = (Path(__file__).parent / "texts" / "rack_server.txt").read_text().split("\n")

# Words that mean something to the parser, so that random text reaches its corners.
PIECES = st.sampled_from(
    [
        *TITLES.values(),
        *("Handle 0x", "0001, DMI type 17, 40 bytes", "Size: 9 GB", "Type: Flash", "UUID: "),
        *("Release Date: 99/99/9999", "Core Count: 7", "\n", "\n\n", "\t", "\t\t", "\r", ":"),
    ]
)


def bounded(text: str | bytes) -> None:
    found = parse_dmidecode(text).as_dict()
    json.dumps(found).encode()
    assert len(found["warnings"]) <= MAX_WARNINGS + 1
    strings = [value for value in found.values() if isinstance(value, str)]
    strings += [
        value for dimm in found["dimms"] for value in dimm.values() if isinstance(value, str)
    ]
    assert all(value and len(value) <= MAX_STRING and value.isprintable() for value in strings)


@given(st.binary(max_size=2000))
def test_no_bytes_make_it_fail(data: bytes) -> None:
    bounded(data)


@given(st.lists(PIECES | st.text(max_size=20), max_size=60))
def test_no_mixture_of_meaningful_words_makes_it_fail(pieces: list[str]) -> None:
    bounded("".join(pieces))


@given(st.lists(st.tuples(st.integers(0, len(LINES)), st.text(max_size=40)), max_size=30))
def test_lines_put_into_a_good_dump_never_make_it_fail(inserted: list[tuple[int, str]]) -> None:
    lines = list(LINES)
    for position, line in inserted:
        lines.insert(position, line)
    bounded("\n".join(lines))


@given(st.sets(st.integers(0, len(LINES) - 1)))
def test_lines_taken_out_of_a_good_dump_never_make_it_fail(removed: set[int]) -> None:
    bounded("\n".join(line for number, line in enumerate(LINES) if number not in removed))


@pytest.mark.parametrize(
    "text",
    [
        "\tVendor: " + "x" * 10_000_000,
        LINES[7] + "\n" + LINES[8] + "\n\tVendor: " + " " * 10_000_000,
        LINES[7] + "\n" + LINES[8] + "\n" + "\t" * 10_000_000 + "Vendor: x",
        "".join(device(n % 65536, Manufacturer=f"SerNum{n}") for n in range(100_000)),
        "".join(f"Memory Device\n\tSize: 1 GB\n\tLocator: D{n}\n\n" for n in range(100_000)),
        "\nHandle 0x" * 1_000_000,
        "\n" * 5_000_000,
        "\t" * 5_000_000,
    ],
    ids=["line", "blanks", "indentation", "structures", "titles", "handles", "newlines", "tabs"],
)
def test_huge_text_takes_seconds_at_most(text: str) -> None:
    start = process_time()
    bounded(text)
    assert process_time() - start < 10
