"""The network that all formats describe."""

from dataclasses import replace

import pytest

from profiles.facts import Address, Link, example
from profiles.formats.devices import devices
from profiles.formats.netplan import network


def test_vlans_come_after_the_device_they_are_on() -> None:
    addresses = (
        Address("192.0.2.10", 24, "192.0.2.1", 20),
        Address("198.51.100.10", 24, "198.51.100.1", 10),
        Address("192.0.2.11", 24, "", 20),
    )
    found = devices(replace(example(), addresses=addresses))
    assert [(device.name, device.vlan_id) for device in found] == [
        ("eno1", 0),
        ("vlan10", 10),
        ("vlan20", 20),
    ]
    assert [str(address) for address in found[2].addresses] == ["192.0.2.10/24", "192.0.2.11/24"]


def test_there_is_one_default_route_of_each_family() -> None:
    addresses = (
        Address("192.0.2.10", 24, "192.0.2.1", 20),
        Address("198.51.100.10", 24, "198.51.100.1", 10),
        Address("2001:db8::10", 64, "fe80::1", 10),
    )
    made = network(replace(example(), addresses=addresses))
    routes = [route for vlan in made["vlans"].values() for route in vlan.get("routes", [])]
    assert routes == [{"to": "::/0", "via": "fe80::1"}, {"to": "0.0.0.0/0", "via": "192.0.2.1"}]


def test_links_that_are_in_no_bond_stay_as_they_are() -> None:
    links = (Link("eno1", "52:54:00:00:00:01"), Link("eno2", "52:54:00:00:00:02"))
    assert list(network(replace(example(), links=links))["ethernets"]) == ["eno1"]
    bonded = network(replace(example(), links=links, bond_mode="active-backup"))
    assert bonded["bonds"]["bond0"]["interfaces"] == ["eno1", "eno2"]


@pytest.mark.parametrize("name", ["vlan120", "bond0"])
def test_a_link_with_the_name_of_a_device_to_be_made_is_refused(name: str) -> None:
    links = (Link(name, "52:54:00:00:00:01"), Link("eno2", "52:54:00:00:00:02"))
    with pytest.raises(ValueError, match=f"called {name}"):
        devices(replace(example(), links=links, bond_mode="802.3ad"))
