"""One spelling of a UUID, its other byte order, and those that many machines share."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.uuids import KNOWN_BAD_UUIDS, canonical_uuid, is_known_bad_uuid, swapped_uuid


@pytest.mark.parametrize(
    "text",
    [
        "6F2A11C8-90D3-11EC-8C5E-3CECEF0A1B2C",
        "6f2a11c8-90d3-11ec-8c5e-3cecef0a1b2c",
        " {6F2A11C8-90d3-11ec-8c5e-3cecef0a1b2c}\n",
        "6f2a11c890d311ec8c5e3cecef0a1b2c",
    ],
)
def test_every_spelling_becomes_one(text: str) -> None:
    assert canonical_uuid(text) == "6f2a11c8-90d3-11ec-8c5e-3cecef0a1b2c"


@pytest.mark.parametrize(
    "text",
    [
        *("", "--", "Not Settable", "{}", "6f2a11c8-90d3-11ec-8c5e-3cecef0a1b2"),
        *("6f2a11c8-90d3-11ec-8c5e-3cecef0a1b2cc", "6f2a11c8_90d3_11ec_8c5e_3cecef0a1b2c"),
        *("6f2a11c890d3-11ec-8c5e-3cecef0a1b2c", "٦f2a11c8-90d3-11ec-8c5e-3cecef0a1b2c"),
        *("urn:uuid:6f2a11c8-90d3-11ec-8c5e-3cecef0a1b2c", "+" + "1" * 31, "0x" + "1" * 30),
    ],
)
def test_what_is_not_one_is_none(text: str) -> None:
    assert canonical_uuid(text) is None


def test_swapping_turns_the_first_three_fields_only() -> None:
    swapped = swapped_uuid("00112233-4455-6677-8899-aabbccddeeff")
    assert swapped == "33221100-5544-7766-8899-aabbccddeeff"


@given(st.uuids())
def test_swapping_twice_gives_back_the_first(value: uuid.UUID) -> None:
    assert swapped_uuid(swapped_uuid(str(value))) == str(value)


@given(st.uuids())
def test_every_uuid_is_canonical_in_every_spelling(value: uuid.UUID) -> None:
    assert canonical_uuid(str(value).upper()) == canonical_uuid(value.hex) == str(value)


def test_the_list_of_bad_ones_is_canonical_and_holds_both_byte_orders() -> None:
    for bad in KNOWN_BAD_UUIDS:
        assert canonical_uuid(bad) == bad
        assert swapped_uuid(bad) in KNOWN_BAD_UUIDS


@pytest.mark.parametrize(
    "bad",
    [
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "03000200-0400-0500-0006-000700080009",
        "00020003-0004-0005-0006-000700080009",
        "78563412-3412-7856-90ab-cddeefaabbcc",
        "fefefefe-fefe-fefe-fefe-fefefefefefe",
        "ffffff00-ffff-ffff-ffff-ffffffffffff",
    ],
)
def test_what_many_machines_share_is_known(bad: str) -> None:
    assert is_known_bad_uuid(bad)


def test_a_uuid_made_of_a_service_tag_or_a_mac_is_good() -> None:
    assert not is_known_bad_uuid("4c4c4544-0058-3910-8052-c2c04f373632")
    assert not is_known_bad_uuid("00000000-0000-0000-0000-0cc47a0a1b2c")
