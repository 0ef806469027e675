"""Whether a machine is the one that was ordered."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bearman.lib.natural import natural_key
from nodes.expected.compare import Seen, Wanted, compare, model_fits, vendor_fits

SEEN = Seen("SN1", "Dell Inc.", "PowerEdge R650", "az1", "compute", "R1 U4")


@pytest.mark.parametrize(
    ("wanted", "product", "fits"),
    [
        ("PowerEdge R650", "PowerEdge R650", True),
        ("poweredge  r650", "PowerEdge R650", True),
        ("R650", "PowerEdge R650", True),
        ("R650", "PowerEdge R650xs", False),
        ("ProLiant DL360 Gen10", "ProLiant DL360 Gen10 Plus", False),
        ("*SR630*", "ThinkSystem SR630 -[7X02CTO1WW]-", True),
        ("*SR650*", "ThinkSystem SR630 -[7X02CTO1WW]-", False),
        ("ThinkSystem SR630 -[7X02CTO1WW]-", "ThinkSystem SR630 -[7X02CTO1WW]-", True),
        ("SYS-6019P-MT?", "SYS-6019P-MTR", True),
    ],
)
def test_a_model_is_a_name_its_end_or_a_pattern(wanted: str, product: str, fits: bool) -> None:
    assert model_fits(wanted, product) is fits


@pytest.mark.parametrize(
    ("wanted", "vendor", "fits"),
    [
        ("Dell", "Dell Inc.", True),
        ("DELL EMC", "Dell Inc.", True),
        ("HP", "HPE", True),
        ("Hewlett Packard Enterprise", "HPE", True),
        ("Supermicro", "Super Micro Computer", True),
        ("Lenovo", "LENOVO", True),
        ("Dell", "HPE", False),
        ("*micro*", "Supermicro", True),
    ],
)
def test_a_vendor_is_its_first_word_or_a_pattern(wanted: str, vendor: str, fits: bool) -> None:
    assert vendor_fits(wanted, vendor) is fits


def test_what_the_list_does_not_say_is_not_compared() -> None:
    assert compare(Wanted(serial="sn1 "), SEEN) == []
    assert compare(Wanted(serial="SN1", vendor="Dell"), Seen("", "", "", "", "", "")) == []


def test_each_difference_is_one_finding() -> None:
    wanted = Wanted("SN2", "HPE", "DL360", "az2", "storage", "R2 U4")
    found = [(each.issue.code, each.subject, each.message) for each in compare(wanted, SEEN)]
    assert found == [
        ("EXP-009", "serial", "The list expects serial number SN2, and the machine has SN1."),
        ("EXP-001", "model", "Expected HPE DL360, and this is Dell Inc. PowerEdge R650."),
        ("EXP-008", "zone", "Expected in zone az2, and it is in zone az1."),
        (
            "EXP-011",
            "place",
            "Its place is R1 U4, and the list of expected machines says R2 U4.",
        ),
        (
            "EXP-011",
            "flavor",
            "Its flavor is compute, and the list of expected machines says storage.",
        ),
    ]


def test_racks_are_sorted_as_people_count() -> None:
    racks = ["R10", "r2", "R1", "", "A-3", "R2b"]
    assert sorted(racks, key=natural_key) == ["", "A-3", "R1", "r2", "R2b", "R10"]


@given(st.lists(st.text(max_size=10)))
def test_any_names_can_be_sorted(names: list[str]) -> None:
    keys = [natural_key(name) for name in sorted(names, key=natural_key)]
    assert all(before <= after for before, after in pairwise(keys))
