"""Interfaces from `ip -json link`, with and without details, and from nodes that lie."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.inventory import InventoryError, Nic, parse_ip_link
from nodes.inventory.iplink import MAX_INTERFACES

LOOPBACK: dict[str, Any] = {
    "ifindex": 1,
    "ifname": "lo",
    "flags": ["LOOPBACK", "UP", "LOWER_UP"],
    "mtu": 65536,
    "operstate": "UNKNOWN",
    "link_type": "loopback",
    "address": "00:00:00:00:00:00",
    "broadcast": "00:00:00:00:00:00",
}


def ether(**changes: Any) -> dict[str, Any]:
    return {
        "ifname": "eno1",
        "flags": ["BROADCAST", "MULTICAST", "UP", "LOWER_UP"],
        "mtu": 1500,
        "operstate": "UP",
        "link_type": "ether",
        "address": "3C:EC:EF:0A:1B:2C",
    } | changes


def ip_link(*entries: Any) -> str:
    return json.dumps(list(entries))


def test_an_interface_comes_out_whole() -> None:
    loopback, port = parse_ip_link(ip_link(LOOPBACK, ether()))
    assert loopback == Nic("lo", None, None, 65536, "UNKNOWN", True, "loopback", False)
    assert port == Nic("eno1", "3c:ec:ef:0a:1b:2c", None, 1500, "UP", True, "ether", True)


def test_a_port_of_a_bond_is_known_by_its_permanent_address() -> None:
    port = ether(permaddr="3c:ec:ef:0a:1b:2d", linkinfo={"info_slave_kind": "bond"}, master="bond0")
    found = parse_ip_link(ip_link(port))[0]
    assert (found.mac, found.permaddr) == ("3c:ec:ef:0a:1b:2d", "3c:ec:ef:0a:1b:2d")
    assert found.is_physical


@pytest.mark.parametrize("kind", ["bond", "vlan", "bridge", "veth", "dummy", "macvlan", "tun"])
def test_an_interface_of_a_kind_is_not_physical(kind: str) -> None:
    assert not parse_ip_link(ip_link(ether(linkinfo={"info_kind": kind})))[0].is_physical


@pytest.mark.parametrize(
    "name", ["bond0", "br0", "br-4f1a", "docker0", "veth9a1b", "eno1.100", "vlan7", "virbr0-nic"]
)
def test_without_details_the_name_gives_software_away(name: str) -> None:
    entry = ether(ifname=name)
    if name == "veth9a1b":
        entry["link"] = "eth0"  # its peer
    assert not parse_ip_link(ip_link(entry))[0].is_physical


@pytest.mark.parametrize(
    "name", ["eno1", "enp65s0f0np0", "ens1f1v2", "eth0", "enx3cecef0a1b2c", "enP2p1s0", "brcm0"]
)
def test_without_details_a_port_is_physical(name: str) -> None:
    assert parse_ip_link(ip_link(ether(ifname=name)))[0].is_physical


def test_what_hangs_on_a_bus_is_physical_whatever_its_name() -> None:
    assert parse_ip_link(ip_link(ether(ifname="team1", parentbus="pci")))[0].is_physical


def test_an_infiniband_port_has_no_ethernet_address() -> None:
    port = ether(ifname="ib0", link_type="infiniband", address="80:00" + ":00" * 18)
    found = parse_ip_link(ip_link(port))[0]
    assert (found.mac, found.is_physical) == (None, False)


@pytest.mark.parametrize(
    ("mac", "expected"), [("3c:ec:ef:0a:1b:2c", True), ("be:3a:f2:b6:05:9f", False)]
)
def test_a_locally_administered_address_identifies_nobody(mac: str, expected: bool) -> None:
    found = parse_ip_link(ip_link(ether(address=mac)))[0]
    assert found.is_physical
    assert found.identifies is expected


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (["UP", "LOWER_UP"], True),
        (["NO-CARRIER", "BROADCAST", "UP"], False),
        (["BROADCAST"], None),
        (None, None),
    ],
)
def test_the_carrier_is_unknown_while_the_interface_is_down(
    flags: list[str] | None, expected: bool | None
) -> None:
    assert parse_ip_link(ip_link(ether(flags=flags)))[0].carrier is expected


def test_empty_entries_are_passed_over() -> None:
    assert len(parse_ip_link(ip_link({}, ether(), {}))) == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "ip link: not JSON"),
        ("{}", "ip link: the output is not a list of objects."),
        ("[1]", "ip link: the output is not a list of objects."),
        ("[" * 100_000, "ip link: nested too deep."),
        (ip_link(ether(ifname="a" * 16)), "ip link: 'aaaaaaaaaaaaaaaa' is not the name"),
        (ip_link(ether(ifname="../../x")), "ip link: '../../x' is not the name"),
        (ip_link(ether(ifname="a b")), "ip link: 'a b' is not the name"),
        (ip_link(ether(ifname="eth0\n")), "ip link: 'eth0\\n' is not the name"),
        (ip_link(ether(ifname="$(reboot)")), "ip link: '$(reboot)' is not the name"),
        (ip_link(ether(ifname=7)), "ip link: '7' is not the name"),
        (ip_link(ether(address="none")), "ip link: eno1 has the address 'none'."),
        (ip_link(ether(address="ff:ff:ff:ff:ff:ff")), "ip link: eno1 has the address"),
        (ip_link(ether(), ether()), "ip link: two interfaces have one name."),
    ],
)
def test_what_ip_never_prints_is_refused_in_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(InventoryError) as refused:
        parse_ip_link(text)
    assert str(refused.value).startswith(sentence)
    assert len(str(refused.value)) < 400


def test_ten_thousand_interfaces_are_one_clear_error() -> None:
    entries = [ether(ifname=f"eth{number}") for number in range(10_000)]
    with pytest.raises(InventoryError, match=f"10000 interfaces, more than {MAX_INTERFACES}"):
        parse_ip_link(ip_link(*entries))


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["ifname", "address", "mtu", "flags", "link_type", "linkinfo"]),
            st.none() | st.integers() | st.text(max_size=20) | st.lists(st.text(max_size=3)),
        ),
        max_size=4,
    )
)
def test_any_json_is_read_or_refused(entries: list[dict[str, Any]]) -> None:
    with suppress(InventoryError):
        found = parse_ip_link(json.dumps(entries))
        assert all(0 < len(nic.name) <= 15 for nic in found)
