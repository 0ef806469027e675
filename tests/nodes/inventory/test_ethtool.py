"""Drivers from `ethtool -i`."""

from hypothesis import given
from hypothesis import strategies as st

from nodes.inventory import EthtoolInfo, parse_ethtool_i

TEXT = """driver: igb
version: 6.1.0-18-amd64
firmware-version: 1.63, 0x80000a05
expansion-rom-version:
bus-info: 0000:01:00.0
supports-statistics: yes
"""


def test_the_four_lines_come_out() -> None:
    expected = EthtoolInfo("igb", "6.1.0-18-amd64", "1.63, 0x80000a05", "0000:01:00.0")
    assert parse_ethtool_i(TEXT) == expected
    assert parse_ethtool_i(TEXT.replace("\n", "\r\n").encode()) == expected


def test_what_is_not_available_is_null() -> None:
    found = parse_ethtool_i("driver: bonding\nversion: \nfirmware-version: N/A\n")
    assert found == EthtoolInfo("bonding", None, None, None)


def test_an_error_message_gives_nothing() -> None:
    text = "Cannot get driver information: Operation not supported"
    assert parse_ethtool_i(text) == EthtoolInfo(None, None, None, None)


def test_values_lose_control_characters_and_are_cut() -> None:
    found = parse_ethtool_i("driver: a\x1b[2Jb" + "c" * 999)
    assert found.driver is not None
    assert found.driver.startswith("a[2Jbc")
    assert len(found.driver) == 256


@given(st.binary())
def test_no_bytes_make_it_fail(data: bytes) -> None:
    parse_ethtool_i(data)
