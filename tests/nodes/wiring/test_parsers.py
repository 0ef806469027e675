"""Readers of what lldpcli and ethtool print, in all shapes and in none."""

import json
import random
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.inventory import InventoryError
from nodes.wiring.link import Link, parse_link
from nodes.wiring.lldp import MAX_NEIGHBOURS, Neighbour, parse_lldp
from nodes.wiring.module import Lane, Presence, parse_module
from nodes.wiring.readings import RawLink, RawWiring, readings_of
from tests.nodes.wiring.fabric import STYLES, machine_at
from tests.nodes.wiring.outputs import SHAPES, lldp_document, module, raw_wiring, settings

WORDS = [
    *("lldp", "interface", "name", "via", "chassis", "port", "id", "type", "value"),
    *("vlan", "vlan-id", "pvid", "descr", "mfs", "eno1"),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(WORDS) | st.text(max_size=5),
            inner,
            max_size=5,
        )
    ),
    max_leaves=40,
)


def document(interface: Any) -> str:
    return json.dumps({"lldp": {"interface": interface}})


@pytest.mark.parametrize("style", STYLES)
def test_all_shapes_of_one_and_the_same_say_the_same(style: str) -> None:
    machine = machine_at("r1", 7, style, "sfp")
    machine.wires["eno1"].stranger = "other"
    parsed = [parse_lldp(json.dumps(lldp_document(machine, shape))) for shape in SHAPES]
    assert parsed[0] == parsed[1] == parsed[2]
    assert [str(one) for one in parsed[0]["eno1"]][1] == "other port 1"
    assert parsed[0]["ens1f1"][0].vlan == 100
    assert parsed[0]["ens1f1"][0].mtu == 9216


def test_one_neighbour_of_one_interface_is_an_object_and_not_a_list() -> None:
    entry = {
        "via": "LLDP",
        "chassis": {"tor-1": {"id": {"type": "mac", "value": "02:00:00:00:00:01"}}},
        "port": {"id": {"type": "ifname", "value": "ge-1/1/28"}, "mfs": "9192"},
        "vlan": {"vlan-id": "61", "pvid": True},
    }
    wanted = Neighbour("LLDP", "tor-1", "02:00:00:00:00:01", "ge-1/1/28", 61, 9192)
    assert parse_lldp(document({"eth0": entry})) == {"eth0": (wanted,)}
    assert parse_lldp(document([{"eth0": entry}])) == {"eth0": (wanted,)}


def test_a_chassis_without_a_name_goes_by_its_address() -> None:
    chassis = {"id": {"type": "mac", "value": "02:00:00:00:00:01"}, "descr": "8-port"}
    entry = {"via": "LLDP", "chassis": chassis, "port": {"id": {"type": "local", "value": "3"}}}
    assert str(parse_lldp(document({"eth0": entry}))["eth0"][0]) == "02:00:00:00:00:01 port 3"
    only_id = {**entry, "chassis": {"id": chassis["id"]}}
    assert parse_lldp(document({"eth0": only_id}))["eth0"][0].chassis == "02:00:00:00:00:01"


def test_a_switch_may_be_called_id_or_name() -> None:
    inner = {"id": {"type": "mac", "value": "02:00:00:00:00:01"}, "descr": "odd"}
    for name in ("id", "name", "descr"):
        entry = {"via": "LLDP", "chassis": {name: inner}, "port": {}}
        assert parse_lldp(document({"eth0": entry}))["eth0"][0].switch == name


def test_lldp_comes_before_other_protocols() -> None:
    cdp = {"via": "CDPv2", "chassis": {"sw1": {"descr": "x"}}, "port": {}}
    lldp = {"via": "LLDP", "chassis": {"sw2": {"descr": "x"}}, "port": {}}
    both = parse_lldp(document([{"eth0": cdp}, {"eth0": lldp}]))["eth0"]
    assert [one.switch for one in both] == ["sw2", "sw1"]
    assert parse_lldp(document({"eth0": cdp}))["eth0"][0].protocol == "CDPV2"


@pytest.mark.parametrize(
    ("port", "name"),
    [
        ({"id": {"type": "ifname", "value": "Eth1/7"}, "descr": "to r1u7"}, "Eth1/7"),
        ({"id": {"type": "mac", "value": "02:00:00:00:00:07"}, "descr": "swp7"}, "swp7"),
        ({"id": {"type": "mac", "value": "02:00:00:00:00:07"}}, "02:00:00:00:00:07"),
        ({"id": {"type": "local", "value": "515"}, "descr": "xe-0/0/7"}, "xe-0/0/7"),
        ({"id": {"type": "local", "value": "7"}, "descr": "uplink of olga"}, "7"),
        ({"id": {"type": "local", "value": "Port 7"}, "descr": "Eth9"}, "Port 7"),
        ({"descr": "Eth1/7"}, "Eth1/7"),
        ({}, ""),
    ],
)
def test_the_port_is_what_a_person_calls_it(port: dict[str, Any], name: str) -> None:
    entry = {"via": "LLDP", "chassis": {}, "port": port}
    assert parse_lldp(document({"eth0": entry}))["eth0"][0].port == name


def test_the_native_vlan_is_the_one_that_is_marked_and_zero_is_none() -> None:
    def vlan(value: Any) -> int | None:
        entry = {"via": "LLDP", "chassis": {}, "port": {}, "vlan": value}
        return parse_lldp(document({"eth0": entry}))["eth0"][0].vlan

    assert vlan([{"vlan-id": "5", "pvid": False}, {"vlan-id": "6", "pvid": True}]) == 6
    assert vlan({"vlan-id": "5", "pvid": False}) is None
    assert vlan({"vlan-id": "0", "pvid": True}) is None
    assert vlan({"vlan-id": "9999", "pvid": True}) is None
    assert vlan({"vlan-id": "4", "pvid": "yes"}) == 4


def test_no_neighbours_are_none_and_half_an_output_is_an_error() -> None:
    assert parse_lldp('{"lldp": {}}') == {}
    assert parse_lldp('{"lldp": [{}]}') == {}
    machine = machine_at("r1", 7, "swp{}", "sfp")
    whole = json.dumps(lldp_document(machine, "json"))
    for text in ("", "{}", "null", "[]", '"lldp"', whole[:-1], whole[: len(whole) // 2]):
        with pytest.raises(InventoryError):
            parse_lldp(text)
    with pytest.raises(InventoryError, match="nested"):
        parse_lldp('{"lldp":' + "[" * 100_000)


def test_what_is_hostile_is_bounded_and_cleaned() -> None:
    entry = {"via": "LLDP", "chassis": {"a\x1b[2J\u202e" + "x" * 5000: {"descr": "x"}}, "port": {}}
    (one,) = parse_lldp(document({"eth0": entry}))["eth0"]
    assert len(one.switch) <= 100
    assert one.switch.isprintable()
    assert len(parse_lldp(document([{"eth0": entry}] * 100))["eth0"]) == 32
    with pytest.raises(InventoryError, match="neighbours"):
        parse_lldp(document([{f"e{n}": entry} for n in range(MAX_NEIGHBOURS + 1)]))
    with pytest.raises(InventoryError, match="not the name"):
        parse_lldp(document({"$(reboot)": entry}))


@given(JSON)
def test_any_json_is_read_or_refused(value: Any) -> None:
    for text in (json.dumps(value), json.dumps({"lldp": value}), document(value)):
        with suppress(InventoryError):
            parse_lldp(text)


@given(st.binary(max_size=300), st.binary(max_size=300), st.binary(max_size=300))
def test_any_bytes_give_readings(one: bytes, other: bytes, third: bytes) -> None:
    raw = RawWiring(one, other, [RawLink("eno1", one, other, third)])
    assert readings_of(raw).unreadable
    parse_link(one)
    parse_module(one, other)


@given(st.integers(min_value=0, max_value=5000), st.sampled_from(["lldp", "ip_link", "links"]))
def test_a_cut_at_any_byte_gives_readings(length: int, what: str) -> None:
    raw = raw_wiring(machine_at("r1", 7, "swp{}", "qsfp"), random.Random(1))
    cut = [RawLink(one.interface, one.settings[:length], one.module[:length]) for one in raw.links]
    readings_of(
        RawWiring(
            raw.lldp[:length] if what == "lldp" else raw.lldp,
            raw.ip_link[:length] if what == "ip_link" else raw.ip_link,
            cut if what == "links" else raw.links,
        )
    )


@given(st.text(max_size=400))
def test_any_text_is_some_link_and_some_module(text: str) -> None:
    link, found = parse_link(text), parse_module(text, text)
    assert link.speed_mbps is None or link.speed_mbps < 10**7
    assert len(found.lanes) <= 16
    parse_link(f"Speed: {text}\nLink detected: {text}\nPort: {text}")
    parse_module(f"Identifier: {text}\nVendor name: {text}\nLaser output power: {text}")


def test_ethtool_tells_speed_and_link() -> None:
    text = (
        "Settings for eno1:\n\tSpeed: 25000Mb/s\n\tPort: FIBRE\n"
        "\tLink detected: no (Autoneg, No partner detected)\n"
    )
    link = parse_link(text)
    assert link == Link(False, "Autoneg, No partner detected", 25_000, "FIBRE")
    assert link.takes_modules
    assert parse_link("Speed: Unknown!\nLink detected: yes\nPort: Twisted Pair").speed_mbps is None
    assert parse_link("Geschwindigkeit: 25000Mb/s\nVerbindung: ja") == Link()
    assert parse_link(b"") == Link()
    assert parse_link("Cannot get device settings: No such device") == Link()


@pytest.mark.parametrize(
    ("complaint", "presence"),
    [
        ("Cannot get module EEPROM information: Input/output error", Presence.ABSENT),
        ("Cannot get module EEPROM information: No such device", Presence.ABSENT),
        ("netlink error: Module is not inserted", Presence.ABSENT),
        ("Cannot get module EEPROM information: Operation not supported", Presence.UNKNOWN),
        ("netlink error: Invalid argument", Presence.UNKNOWN),
        ("ethtool: bad command line argument(s)", Presence.UNKNOWN),
        ("", Presence.UNKNOWN),
    ],
)
def test_a_complaint_tells_an_empty_socket_from_a_driver_that_cannot_look(
    complaint: str, presence: Presence
) -> None:
    assert parse_module(b"", complaint).presence is presence


def test_light_is_read_lane_by_lane_in_all_the_ways_it_is_printed() -> None:
    text = (
        "\tIdentifier : 0x18 (QSFP-DD Double Density 8X Pluggable Transceiver (INF-8628))\n"
        "\tTransmit avg optical power (Channel 1) : 0.7633 mW / -1.17 dBm\n"
        "\tTransmit avg optical power (Channel 2) : 0.0000 mW / -inf dBm\n"
        "\tTransmit avg optical power (Channel 3) : 2.4 dBm\n"
        "\tTransmit avg optical power (Channel 4) : 0,5000 mW\n"
        "\tRcvr signal avg optical power(Channel 1) : 0.0001 mW / -40.00 dBm\n"
        "\tRcvr signal avg optical power (Channel 2) : 0,9240 mW / -0,34 dBm\n"
        "\tReceiver signal OMA(Channel 3) : rubbish\n"
        "\tRcvr signal avg optical power(Channel 99) : 999.0 dBm\n"
        "\tLaser rx power low alarm threshold : 0.0457 mW / -13.40 dBm\n"
        "\tLaser rx power low alarm : Off\n"
    )
    found = parse_module(text)
    assert found.kind == "QSFP-DD"
    assert found.rx_low_dbm == -13.4
    assert found.lanes[:3] == (
        Lane(1, -1.17, -40.0),
        Lane(2, -40.0, -0.34),
        Lane(3, 2.4, None),
    )
    assert found.lanes[3].tx_dbm == pytest.approx(-3.01, abs=0.01)
    assert [lane.sends for lane in found.lanes] == [True, False, True, True]
    assert [lane.sees for lane in found.lanes] == [False, True, None, None]


@pytest.mark.parametrize(
    "line",
    [
        "Connector : 0x21 (Copper pigtail)",
        "Transceiver type : Passive Cable",
        "Transceiver type : 100G Ethernet: 100G Base-CR4 or 25GBase-CR CA-L",
        "Transmitter technology : 0x0a (Copper cable, unequalized)",
        "Connector : 0x22 (RJ45)",
    ],
)
def test_copper_has_no_light_even_where_it_prints_some(line: str) -> None:
    text = f"Identifier : 0x03 (SFP)\n{line}\nLaser output power : 0.0000 mW / -inf dBm\n"
    found = parse_module(text)
    assert found.copper
    assert found.lanes == ()


@pytest.mark.parametrize(
    "line",
    [
        "Transceiver type : 100G Ethernet: 100G Base-LR4 or 25GBase-LR",
        "Transceiver type : 10G Ethernet: 10G Base-SR",
        "Transceiver type : Active Cable",
        "Connector : 0x0c (MPO Parallel Optic)",
        "Vendor PN : BASE-CRAZY",
    ],
)
def test_optics_are_not_taken_for_copper(line: str) -> None:
    assert not parse_module(f"Identifier : 0x03 (SFP)\n{line}\n").copper


def test_thresholds_that_make_no_sense_are_none() -> None:
    for value in ("0.0000 mW / -inf dBm", "6.5535 mW / 8.16 dBm", "", "x"):
        text = f"Identifier : 0x03 (SFP)\nLaser rx power low alarm threshold : {value}\n"
        assert parse_module(text).rx_low_dbm is None


def test_the_texts_of_the_made_up_fabric_are_read_as_they_are_meant() -> None:
    machine = machine_at("r1", 7, "swp{}", "qsfp")
    wire = machine.wires["eno1"]
    found = parse_module(*module(wire))
    assert [lane.rx_dbm for lane in found.lanes] == wire.rx
    assert parse_link(settings("eno1", wire)).speed_mbps == 25_000
