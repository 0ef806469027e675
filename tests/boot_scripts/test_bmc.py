"""Step `bmc`: BMCs that are slow, stubborn or silent, and answers of Bearman that are none."""

import pytest

from tests.boot_scripts.machine import PASSWORD, Machine
from tests.boot_scripts.shells import under_two_shells


def failure(machine: Machine) -> str:
    """The message of the one failure that was reported, which must be of step bmc."""
    (report,) = machine.reports("failed")
    assert report["step"] == "bmc"
    return report["message"]


@pytest.mark.issue("BMC-007")
@under_two_shells
@pytest.mark.parametrize(
    ("ignored", "words"),
    [
        ("lan.source", "IP Address Source: wanted Static Address, the BMC has DHCP Address"),
        ("lan.address", "IP Address: wanted 10.9.0.21, the BMC has 0.0.0.0"),
        ("lan.netmask", "Subnet Mask: wanted 255.255.240.0, the BMC has 0.0.0.0"),
        ("lan.gateway", "Default Gateway IP: wanted 10.9.0.1, the BMC has 0.0.0.0"),
        ("lan.vlan", "802.1q VLAN ID: wanted 140, the BMC has Disabled"),
        ("lan.access", "access over LAN channel 1: wanted always available, the BMC has disabled"),
        ("user.3.name", "name of user 3: wanted bearman, the BMC has nothing"),
        ("user.3.priv", "privilege of user 3: wanted ADMINISTRATOR, the BMC has NO ACCESS"),
        ("user.3.ipmi", "IPMI messaging of user 3: wanted true, the BMC has false"),
        ("user.3.password", "password of user 3: the BMC did not keep the one that was set"),
    ],
)
def test_a_setting_that_the_bmc_silently_ignores_is_named_with_both_values(
    machine: Machine, ignored: str, words: str
) -> None:
    machine.tell_bmc("ignores", ignored)
    assert machine.run_from_bmc().code == 1
    assert not machine.is_off
    assert words in failure(machine)
    assert machine.reports("failed")[0]["issue"] == "BMC-007"
    assert "bmc-configured" not in " ".join(machine.calls("bearman-cli"))


def test_settings_that_the_bmc_refuses_are_named_all_together(machine: Machine) -> None:
    machine.tell_bmc("refuses", "lan.source", "lan.vlan", "user.3.name", "lan.access")
    assert machine.run_from_bmc().code == 1
    assert failure(machine) == (
        "the BMC did not take its settings: name of user 3: wanted bearman, the BMC has nothing; "
        "IP Address Source: wanted Static Address, the BMC has DHCP Address; "
        "802.1q VLAN ID: wanted 140, the BMC has Disabled; "
        "access over LAN channel 1: wanted always available, the BMC has disabled"
    )
    assert "refused: lan set 1 vlan id 140" in machine.log("bmc")


def test_a_bmc_that_refuses_a_password_or_to_enable_the_user_is_named(machine: Machine) -> None:
    machine.tell_bmc("refuses", "user.3.password", "user.3.enabled")
    machine.run_from_bmc()
    assert "password of user 3: the BMC refuses it" in failure(machine)
    assert "user 3: the BMC refuses to enable it" in failure(machine)


@pytest.mark.parametrize("reads", [3, 8])
def test_a_bmc_that_needs_time_to_show_its_settings_gets_it(machine: Machine, reads: int) -> None:
    machine.tell_bmc("settles-after", str(reads))
    ended = machine.run_from_bmc()
    assert (ended.code, machine.is_off) == (0, True), machine.log("bmc")


def test_a_bmc_that_never_settles_is_given_up_within_a_bound(machine: Machine) -> None:
    machine.tell_bmc("settles-after", "1000")
    assert machine.run_from_bmc().code == 1
    assert len(machine.calls("sleep")) == 15


def test_without_gateway_and_vlan_the_old_ones_are_taken_away(machine: Machine) -> None:
    machine.tell_bmc("lan.gateway", "192.168.0.1")
    machine.tell_bmc("lan.vlan", "7")
    machine.bearman_gives(bmc_gateway="\n", bmc_vlan_id="0\n")
    assert machine.run_from_bmc().code == 0
    assert (machine.bmc("lan.gateway"), machine.bmc("lan.vlan")) == ("0.0.0.0", "Disabled")


def test_a_slot_with_another_name_becomes_bearmans(machine: Machine) -> None:
    machine.bearman_gives(bmc_user_slot="2\n")
    assert machine.run_from_bmc().code == 0
    assert machine.bmc("user.2.name") == "bearman"
    assert machine.bmc("user.2.password") == PASSWORD


@pytest.mark.issue("BMC-008")
def test_a_name_that_is_in_another_slot_is_left_there_and_explained(machine: Machine) -> None:
    machine.tell_bmc("user.5.name", "bearman")
    ended = machine.run_from_bmc()
    assert ended.code == 1
    assert failure(machine).startswith("user 5 of the BMC already has the name bearman")
    advice = " ".join(ended.console.split())
    assert "ipmitool user disable 5; ipmitool user set name 5 ''" in advice
    assert not [call for call in machine.bmc_calls if " set" in call or "exec" in call]
    assert machine.reports("failed")[0]["issue"] == "BMC-008"


def test_a_name_that_only_looks_alike_is_no_clash(machine: Machine) -> None:
    machine.tell_bmc("user.4.name", "bearman2")
    machine.tell_bmc("user.5.name", "bearmen")
    machine.bearman_gives(bmc_username="bearm.n\n")
    assert machine.run_from_bmc().code == 0


@pytest.mark.issue("BMC-006")
def test_a_machine_without_a_bmc_says_so(machine: Machine) -> None:
    machine.breaks("ipmitool", "Could not open device at /dev/ipmi0: No such file or directory")
    ended = machine.run_from_bmc()
    assert ended.code == 1
    assert failure(machine) == (
        "no BMC answers on LAN channel 1: "
        "Could not open device at /dev/ipmi0: No such file or directory"
    )
    assert "see that /dev/ipmi0 exists" in " ".join(ended.console.split())
    assert machine.reports("failed")[0]["issue"] == "BMC-006"


@under_two_shells
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("bmc_address", "10.9.0.256"),
        ("bmc_address", "10.9.0.21 access on"),
        ("bmc_address", "-v"),
        ("bmc_address", ""),
        ("bmc_address", "10.9.0.21\n10.9.0.22"),
        ("bmc_address", "010.9.0.21"),
        ("bmc_netmask", "24"),
        ("bmc_gateway", "none"),
        ("bmc_gateway", "$(touch x)"),
        ("bmc_vlan_id", "off"),
        ("bmc_vlan_id", "-1"),
        ("bmc_channel", "0"),
        ("bmc_channel", "12"),
        ("bmc_user_slot", "1"),
        ("bmc_user_slot", "64"),
        ("bmc_user_slot", "3 4"),
        ("bmc_username", "-c"),
        ("bmc_username", "bear man"),
        ("bmc_username", "seventeen-letters"),
        ("bmc_username", "`touch x`"),
        ("bmc_password", ""),
        ("bmc_password", "two words"),
        ("bmc_password", "hash#tag"),
        ("bmc_password", "til~de"),
        ("bmc_password", "quote'd"),
        ("bmc_password", 'quote"d'),
        ("bmc_password", "line\nuser enable 1"),
        ("bmc_password", "seventeen-letters"),
    ],
)
def test_an_answer_that_is_out_of_bounds_touches_no_bmc(
    machine: Machine, name: str, value: str
) -> None:
    machine.bearman_gives(**{name: f"{value}\n"})
    assert machine.run_from_bmc().code == 1
    assert failure(machine) == f"Bearman's answer has no usable {name}"
    assert machine.bmc_calls == []
    assert not list(machine.root.rglob("x"))


@pytest.mark.issue("BOOT-006")
def test_an_answer_that_lacks_a_value_touches_no_bmc(machine: Machine) -> None:
    (machine.state / "answer/bmc_gateway").unlink()
    assert machine.run_from_bmc().code == 1
    assert failure(machine) == "Bearman's answer has no usable bmc_gateway"
    assert machine.bmc_calls == []
    assert machine.reports("failed")[0]["issue"] == "BOOT-006"
