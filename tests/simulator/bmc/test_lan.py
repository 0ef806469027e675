"""A simulated BMC is on the network exactly when its LAN configuration says so."""

import socket

import pytest

from simulator.bmc import BmcAddressError, BmcFaults, BmcFleet, SimulatedBmc
from simulator.demo.ports import free_udp_port
from tests.simulator.bmc.rig import Rig, wait_until

# Get Channel Authentication Capabilities for the present channel: IPMI 2.0 section 22.13.
HELLO = bytes.fromhex("0600ff07000000000000000000092018c88100388e04b5")


def answers(address: str, port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(0.3)
        client.connect((address, port))
        try:
            client.send(HELLO)
            return len(client.recv(1024)) > 20
        except OSError:
            return False


def test_it_answers_once_a_static_address_is_set(rig: Rig) -> None:
    bmc, address = SimulatedBmc("b"), rig.free_address()
    rig.fleet.add(bmc)
    bmc.set_lan("ipaddr", address)
    assert not answers(address, rig.fleet.port)
    bmc.set_lan("ipsrc", "static")
    assert answers(address, rig.fleet.port)


def test_it_leaves_its_old_address_when_it_gets_a_new_one(rig: Rig) -> None:
    bmc = rig.bmc()
    old, new = str(bmc.lan.address), rig.free_address()
    bmc.set_lan("ipaddr", new)
    assert answers(new, rig.fleet.port)
    wait_until(lambda: not answers(old, rig.fleet.port))


def test_an_address_that_was_left_is_free_at_once(rig: Rig) -> None:
    first, second = rig.bmc(), rig.bmc()
    for _ in range(50):
        left = str(first.lan.address)
        first.set_lan("ipaddr", rig.free_address())
        second.set_lan("ipaddr", left)
        first, second = second, first
    assert answers(str(first.lan.address), rig.fleet.port)


def test_it_goes_silent_when_its_address_is_unset_or_from_dhcp(rig: Rig) -> None:
    bmc = rig.bmc()
    address = str(bmc.lan.address)
    bmc.set_lan("ipsrc", "dhcp")
    wait_until(lambda: not answers(address, rig.fleet.port))
    bmc.set_lan("ipsrc", "static")
    assert answers(address, rig.fleet.port)
    bmc.set_lan("ipaddr", "0.0.0.0")
    wait_until(lambda: not answers(address, rig.fleet.port))


def test_two_bmcs_on_one_address_are_a_conflict_and_the_first_keeps_it(rig: Rig) -> None:
    first, second = rig.bmc(), rig.bmc()
    kept = str(second.lan.address)
    with pytest.raises(BmcAddressError, match="IP conflict"):
        second.set_lan("ipaddr", str(first.lan.address))
    assert str(second.lan.address) == kept
    assert answers(kept, rig.fleet.port)
    assert answers(str(first.lan.address), rig.fleet.port)


def test_a_bmc_added_on_a_taken_address_is_not_carried(rig: Rig) -> None:
    first, second = rig.bmc(), SimulatedBmc("second")
    second.set_lan("ipsrc", "static")
    second.set_lan("ipaddr", str(first.lan.address))
    with pytest.raises(BmcAddressError, match="second cannot take"):
        rig.fleet.add(second)
    assert second.carrier is None


def test_an_address_of_another_computer_is_an_error(rig: Rig) -> None:
    with pytest.raises(BmcAddressError, match="no such address"):
        rig.bmc().set_lan("ipaddr", "192.0.2.1")


def test_a_bmc_that_ignores_lan_set_acknowledges_and_stays_away(rig: Rig) -> None:
    bmc, address = SimulatedBmc("b", faults=BmcFaults(ignores_lan_set=True)), rig.free_address()
    rig.fleet.add(bmc)
    bmc.set_lan("ipsrc", "static")
    bmc.set_lan("ipaddr", address)
    assert str(bmc.lan.address) == address
    assert not answers(address, rig.fleet.port)


def test_a_bmc_may_have_a_port_of_its_own(rig: Rig) -> None:
    port = free_udp_port()
    bmc = rig.bmc(port=port)
    assert answers(str(bmc.lan.address), port)
    assert not answers(str(bmc.lan.address), rig.fleet.port)


def test_stopping_the_fleet_releases_every_address() -> None:
    port = free_udp_port()
    for _ in range(2):
        with BmcFleet(port) as fleet:
            bmc = SimulatedBmc("b")
            bmc.set_lan("ipsrc", "static")
            bmc.set_lan("ipaddr", "127.42.1.1")
            fleet.add(bmc)
            assert answers("127.42.1.1", port)
    assert not answers("127.42.1.1", port)


def test_a_fleet_that_never_started_can_be_stopped() -> None:
    BmcFleet(free_udp_port()).stop()


@pytest.mark.parametrize(
    ("param", "value"),
    [
        ("ipaddr", "300.1.1.1"),
        ("netmask", "24"),
        ("ipsrc", "guess"),
        ("macaddr", "02:00:00"),
        ("vlan id", "4095"),
        ("colour", "blue"),
    ],
)
def test_a_value_that_cannot_be_is_refused(param: str, value: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        SimulatedBmc("b").set_lan(param, value)


def test_set_values_can_be_read_back_in_words() -> None:
    bmc = SimulatedBmc("b")
    for param, value in {
        "netmask": "255.255.0.0",
        "defgw ipaddr": "127.42.0.254",
        "macaddr": "02:00:00:AA:BB:CC",
        "vlan id": "7",
    }.items():
        bmc.set_lan(param, value)
    assert (str(bmc.lan.netmask), str(bmc.lan.gateway)) == ("255.255.0.0", "127.42.0.254")
    assert (bmc.lan.mac, bmc.lan.vlan_id) == ("02:00:00:aa:bb:cc", 7)
    bmc.set_lan("vlan id", "off")
    assert bmc.lan.vlan_id is None
