"""The local ipmitool of a simulated machine."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.bmc import BmcFaults, Privilege, SimulatedBmc, Source
from simulator.ipmitool import Answer, ipmitool


@pytest.fixture
def bmc() -> SimulatedBmc:
    return SimulatedBmc("here", mac="02:00:00:00:00:77")


def do(bmc: SimulatedBmc, line: str) -> Answer:
    return ipmitool(bmc, line.split())


def test_lan_set_reaches_the_bmc_and_lan_print_shows_it(bmc: SimulatedBmc) -> None:
    for line in (
        "ipsrc static",
        "ipaddr 10.9.8.7",
        "netmask 255.255.240.0",
        "defgw ipaddr 10.9.0.1",
        "vlan id 140",
    ):
        assert do(bmc, f"lan set 1 {line}").code == 0
    assert (bmc.lan.source, str(bmc.lan.address)) == (Source.STATIC, "10.9.8.7")
    shown = do(bmc, "lan print 1").output
    assert "IP Address Source       : Static Address\n" in shown
    assert "IP Address              : 10.9.8.7\n" in shown
    assert "Subnet Mask             : 255.255.240.0\n" in shown
    assert "MAC Address             : 02:00:00:00:00:77\n" in shown
    assert "Default Gateway IP      : 10.9.0.1\n" in shown
    assert "802.1q VLAN ID          : 140\n" in shown


def test_a_vlan_can_be_switched_off_again(bmc: SimulatedBmc) -> None:
    do(bmc, "lan set 1 vlan id 140")
    do(bmc, "lan set 1 vlan id off")
    assert "802.1q VLAN ID          : Disabled\n" in do(bmc, "lan print").output


def test_a_user_is_named_enabled_and_made_administrator(bmc: SimulatedBmc) -> None:
    do(bmc, "user set name 4 bearman")
    do(bmc, "channel setaccess 1 4 callin=on ipmi=on link=on privilege=4")
    do(bmc, "user enable 4")
    user = bmc.users.get(4)
    assert (user.name, user.enabled, user.privilege) == ("bearman", True, Privilege.ADMINISTRATOR)
    assert "4,bearman,true,true,true,ADMINISTRATOR\n" in do(bmc, "-c user list 1").output
    assert "2,,true,false,true,NO ACCESS\n" in do(bmc, "-c user list 1").output


def test_a_script_for_exec_may_quote_its_words(bmc: SimulatedBmc) -> None:
    script = "# a comment\nuser set password 4 'pass word' 16\nuser test 4 16 'pass word'\n"
    answer = ipmitool(bmc, ["exec", script])
    assert answer.code == 0
    assert "Success" in answer.output
    assert bmc.users.get(4).password == b"pass word"


def test_exec_ends_at_the_first_line_that_fails(bmc: SimulatedBmc) -> None:
    answer = ipmitool(bmc, ["exec", "user set password 99 x 16\nuser set name 4 bearman\n"])
    assert answer.code == 1
    assert bmc.users.get(4).name == ""


def test_a_bmc_that_keeps_another_password_is_found_by_user_test(bmc: SimulatedBmc) -> None:
    bmc.faults = BmcFaults(wrong_password=True)
    assert do(bmc, "user set password 4 secret 16").code == 0
    answer = do(bmc, "user test 4 16 secret")
    assert answer.code == 1
    assert "password incorrect" in answer.output


def test_channel_info_says_that_the_channel_is_always_available(bmc: SimulatedBmc) -> None:
    answer = do(bmc, "channel info 1")
    assert answer.output.count("    Access Mode         : always available\n") == 2


def test_raw_reaches_the_same_commands_as_the_network(bmc: SimulatedBmc) -> None:
    assert do(bmc, "raw 0x0c 0x01 0x01 0x03 0x0a 0x01 0x02 0x03").code == 0
    assert str(bmc.lan.address) == "10.1.2.3"
    assert do(bmc, "raw 0x0c 0x02 0x01 0x03 0x00 0x00").output == " 11 0a 01 02 03\n"


@pytest.mark.parametrize(
    "line",
    [
        "",
        "lan print 7",
        "lan set 1 ipaddr 10.0.0.300",
        "lan set 1 frobnicate 1",
        "user set name 99 bearman",
        "user set name 4 seventeen-letters",
        "user frobnicate 1",
        "user enable",
        "channel setaccess 1 4 privilege=77",
        "raw 0x3a 0x01",
        "raw",
        "sel list",
    ],
)
def test_what_it_does_not_know_or_cannot_do_fails_with_words(bmc: SimulatedBmc, line: str) -> None:
    answer = do(bmc, line)
    assert answer.code == 1
    assert answer.output.strip()


@given(st.lists(st.text(max_size=20), max_size=8))
def test_no_arguments_break_it(words: list[str]) -> None:
    assert ipmitool(SimulatedBmc("here"), words).code in (0, 1)
