"""Sizes, speeds, counts, handles and dates."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.inventory.units import (
    parse_bios_date,
    parse_count,
    parse_handle,
    parse_size,
    parse_speed,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("64 GB", 64 * 2**30),
        ("64 GiB", 64 * 2**30),
        ("512 MB (Double-bank Connection)", 512 * 2**20),
        ("1.5 GB", 3 * 2**29),
        ("110448 bytes", 110448),
        ("2 PB", 2**51),
        ("0 MB", 0),
        ("Unknown", None),
        ("GB", None),
        ("64 Gbit", None),
        ("٣ GB", None),
    ],
)
def test_sizes(text: str, expected: int | None) -> None:
    assert parse_size(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("3200 MT/s", 3200), ("667 MHz (1.5 ns)", 667), ("0 MHz", None), ("Unknown", None)],
)
def test_speeds(text: str, expected: int | None) -> None:
    assert parse_speed(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("16", 16), ("0", None), ("x", None), ("9" * 9, None)]
)
def test_counts(text: str, expected: int | None) -> None:
    assert parse_count(text) == expected


@pytest.mark.parametrize(("text", "expected"), [("0x0011", 17), ("Not Provided", None), ("", None)])
def test_handles(text: str, expected: int | None) -> None:
    assert parse_handle(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("03/14/2023", date(2023, 3, 14)),
        ("3/4/2023", date(2023, 3, 4)),
        ("03-14-2023", date(2023, 3, 14)),
        ("03/14/2023 16:03:20", date(2023, 3, 14)),
        ("10/07/98", date(1998, 10, 7)),
        ("12/31/95", date(2095, 12, 31)),
        ("10/07/08", date(2008, 10, 7)),
        ("31/12/2019", date(2019, 12, 31)),
        ("31.12.2019", date(2019, 12, 31)),
        ("2019-07-08", date(2019, 7, 8)),
        ("2019/7/8", date(2019, 7, 8)),
        ("20190708", date(2019, 7, 8)),
        ("Oct 17 2016", date(2016, 10, 17)),
        ("Oct  7 2016", date(2016, 10, 7)),
        ("October 17, 2016", date(2016, 10, 17)),
        ("17 Oct 2016", date(2016, 10, 17)),
        ("17-Oct-2016", date(2016, 10, 17)),
        ("Foo 17 2016", None),
        ("13/13/2016", None),
        ("02/30/2016", None),
        ("00/00/0000", None),
        ("01/01/1970", None),
        ("03/14/20233", None),
        ("2.9.4", None),
        ("", None),
    ],
)
def test_dates_of_firmware(text: str, expected: date | None) -> None:
    assert parse_bios_date(text) == expected


@given(st.dates(date(1981, 1, 1), date(2099, 12, 31)))
def test_every_date_in_the_specified_form_comes_back(day: date) -> None:
    assert parse_bios_date(day.strftime("%m/%d/%Y")) == day


@given(st.text())
def test_no_text_makes_them_fail(text: str) -> None:
    for parse in (parse_size, parse_speed, parse_count, parse_handle, parse_bios_date):
        parse(text)
