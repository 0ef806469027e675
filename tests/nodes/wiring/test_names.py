"""When names of switches and ports mean the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.wiring.names import port_key, port_number, same_port, same_switch, short_switch

SAME = [
    ("7", "Ethernet1/7"),
    ("7", "et-0/0/7"),
    ("7", "swp7"),
    ("7", "Port 7"),
    ("7", "25GE1/0/7"),
    ("07", "7"),
    ("Ethernet1/7", "Eth1/7"),
    ("Ethernet1/7", "ETH 1/07"),
    ("Te1/0/7", "TenGigabitEthernet1/0/7"),
    ("1/1/7", "Ethernet1/1/7"),
    ("sfp-sfpplus7", "7"),
    ("port-a", "PORT-A"),
]
DIFFERENT = [
    ("7", "Ethernet1/17"),
    ("7", "Ethernet7/1"),
    ("7", "mgmt7"),
    ("7", "Port-channel7"),
    ("7", "vlan7"),
    ("7", "swp7s0"),
    ("7", "02:00:00:00:00:07"),
    ("Ethernet1/7", "Ethernet2/7"),
    ("Ethernet7", "swp7"),
    ("xe-0/0/7", "et-0/0/7"),
    ("1/7", "Ethernet1/1/7"),
    ("7", ""),
    ("", ""),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_usual_spellings_of_a_port_are_the_same(one: str, other: str) -> None:
    assert same_port(one, other)
    assert same_port(other, one)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_other_ports_are_other_ports(one: str, other: str) -> None:
    assert not same_port(one, other)
    assert not same_port(other, one)


def test_the_number_of_a_port_is_its_last_one() -> None:
    numbers = [port_number(name) for name in ("Eth1/7", "swp7", "mgmt0", "swp7s0", "uplink")]
    assert numbers == [7, 7, None, None, None]
    assert port_key("Eth1/07") == port_key("ethernet 1/7") == "ethernet 1/7"


def test_a_domain_that_only_one_name_has_does_not_matter() -> None:
    assert same_switch("leaf-1", "LEAF-1.example.net")
    assert same_switch("leaf-1.example.net.", "leaf-1.example.net")
    assert same_switch("leaf-1(FOX1234ABCD)", "leaf-1")
    assert not same_switch("leaf-1.east", "leaf-1.west")
    assert not same_switch("leaf-1", "leaf-11")
    assert not same_switch("10.0.0.1", "10.0.0.2")
    assert not same_switch("", "")
    assert short_switch("192.0.2.1") == "192.0.2.1"


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_names_can_be_compared_either_way_round(one: str, other: str) -> None:
    assert same_port(one, other) == same_port(other, one)
    assert same_switch(one, other) == same_switch(other, one)
    assert same_port(one, one) == bool(one.split())
