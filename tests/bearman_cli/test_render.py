"""Sizes and columns as people read them."""

import pytest

from bearman_cli import render
from bearman_cli.render import Table


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, ""),
        (640 * 1024, "640 KiB"),
        (64 * 2**30, "64 GiB"),
        (3 * 2**39, "1.5 TiB"),
        (2**64 - 1, "16384 PiB"),
    ],
)
def test_memory_is_counted_in_powers_of_1024(size: int, text: str) -> None:
    assert render.memory(size) == text


@pytest.mark.parametrize(
    ("size", "text"), [(1, "1 B"), (480_103_981_056, "480.1 GB"), (3_840_755_982_336, "3.84 TB")]
)
def test_disks_are_counted_in_powers_of_1000(size: int, text: str) -> None:
    assert render.disk(size) == text


def test_columns_are_aligned_and_nothing_is_shown_as_a_dash(
    capsys: pytest.CaptureFixture[str],
) -> None:
    render.write(Table(("A", "BB"), [("long one", ""), ("x", "[b]y")]))
    assert capsys.readouterr().out == "A         BB\nlong one  -\nx         [b]y\n"
