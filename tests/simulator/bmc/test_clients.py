"""ipmitool and FreeIPMI, two clients that we did not write, against the simulated BMC."""

import shutil
import subprocess

import pytest

from simulator.bmc import Identify, Privilege, SimulatedBmc
from simulator.bmc.rakp import SUITE_3
from tests.simulator.bmc.rig import PASSWORD, SLOT, USER, Rig, wait_until

needs_ipmitool = pytest.mark.skipif(
    shutil.which("ipmitool") is None, reason="needs the Debian package ipmitool"
)
needs_ipmipower = pytest.mark.skipif(
    shutil.which("ipmipower") is None, reason="needs the Debian package freeipmi-tools"
)


def run(*command: str, check: bool = True) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=check)
    return done.stdout + done.stderr


def ipmitool(
    rig: Rig, bmc: SimulatedBmc, *words: str, suite: int = 3, password: str = PASSWORD
) -> str:
    host, port = str(bmc.lan.address), str(rig.fleet.port)
    login = ("-H", host, "-p", port, "-U", USER, "-P", password, "-C", str(suite))
    return run("ipmitool", "-I", "lanplus", "-N", "2", *login, *words)


def ipmipower(
    rig: Rig, bmc: SimulatedBmc, action: str, suite: int = 3, password: str = PASSWORD
) -> str:
    host = f"{bmc.lan.address}:{rig.fleet.port}"
    driver = ("-D", "LAN_2_0", "-I", str(suite))
    login = ("-h", host, "-u", USER, "-p", password)
    return run("ipmipower", *driver, *login, action, check=False)  # its output says enough


@needs_ipmitool
@pytest.mark.parametrize("suite", [3, 17])
def test_ipmitool_reads_and_switches_power(rig: Rig, suite: int) -> None:
    bmc = rig.bmc()
    assert "is off" in ipmitool(rig, bmc, "power", "status", suite=suite)
    ipmitool(rig, bmc, "power", "on", suite=suite)
    assert bmc.powered
    assert "is on" in ipmitool(rig, bmc, "power", "status", suite=suite)
    ipmitool(rig, bmc, "power", "off", suite=suite)
    assert not bmc.powered


@needs_ipmipower
@pytest.mark.parametrize("suite", [3, 17])
def test_ipmipower_reads_and_switches_power(rig: Rig, suite: int) -> None:
    bmc = rig.bmc()
    assert ipmipower(rig, bmc, "--stat", suite).endswith(": off\n")
    assert ipmipower(rig, bmc, "--on", suite).endswith(": ok\n")
    wait_until(lambda: bmc.powered)
    assert ipmipower(rig, bmc, "--stat", suite).endswith(": on\n")
    assert ipmipower(rig, bmc, "--off", suite).endswith(": ok\n")
    assert not bmc.powered


@needs_ipmipower
def test_ipmipower_names_a_wrong_password_and_a_wrong_user(rig: Rig) -> None:
    bmc = rig.bmc()
    assert "password invalid" in ipmipower(rig, bmc, "--stat", password="wrong")
    bmc.set_user(SLOT, enabled=False)
    assert "username invalid" in ipmipower(rig, bmc, "--stat")


@needs_ipmitool
def test_ipmitool_is_refused_with_a_wrong_password_or_a_suite_not_offered(rig: Rig) -> None:
    bmc = rig.bmc(suites=(SUITE_3,))
    with pytest.raises(subprocess.CalledProcessError):
        ipmitool(rig, bmc, "power", "status", password="wrong")
    with pytest.raises(subprocess.CalledProcessError):
        ipmitool(rig, bmc, "power", "status", suite=17)


@needs_ipmitool
def test_ipmitool_sets_and_prints_the_lan_configuration(rig: Rig) -> None:
    bmc = rig.bmc(mac="02:00:00:00:00:2a")
    ipmitool(rig, bmc, "lan", "set", "1", "netmask", "255.255.255.0")
    ipmitool(rig, bmc, "lan", "set", "1", "defgw", "ipaddr", "127.42.0.254")
    ipmitool(rig, bmc, "lan", "set", "1", "vlan", "id", "42")
    printed = ipmitool(rig, bmc, "lan", "print", "1")
    assert str(bmc.lan.netmask) == "255.255.255.0"
    assert bmc.lan.vlan_id == 42
    for line in ("Static Address", "02:00:00:00:00:2a", "127.42.0.254", "3,17"):
        assert line in printed


@needs_ipmitool
def test_a_user_made_with_ipmitool_can_log_in(rig: Rig) -> None:
    bmc = rig.bmc()
    for words in (
        "user set name 3 second",
        "user set password 3 twenty-bytes-passwrd 20",
        "user priv 3 4 1",
        "channel setaccess 1 3 callin=on ipmi=on link=on privilege=4",
        "sol payload enable 1 3",
        "user enable 3",
    ):
        ipmitool(rig, bmc, *words.split())
    assert "ADMINISTRATOR" in ipmitool(rig, bmc, "user", "list", "1")
    bmc.set_user(SLOT, name="nobody", enabled=False)
    bmc.set_user(3, name=USER)
    printed = ipmitool(rig, bmc, "user", "list", "1", password="twenty-bytes-passwrd")
    assert bmc.users.get(3).privilege == Privilege.ADMINISTRATOR
    assert "nobody" in printed


@needs_ipmitool
def test_ipmitool_tests_a_password(rig: Rig) -> None:
    bmc = rig.bmc()
    assert "Success" in ipmitool(rig, bmc, "user", "test", str(SLOT), "20", PASSWORD)
    with pytest.raises(subprocess.CalledProcessError):
        ipmitool(rig, bmc, "user", "test", str(SLOT), "20", "wrong")


@needs_ipmitool
def test_ipmitool_reads_identity_and_channels(rig: Rig) -> None:
    bmc = rig.bmc()
    assert "IPMI Version              : 2.0" in ipmitool(rig, bmc, "mc", "info")
    assert str(bmc.guid) in ipmitool(rig, bmc, "mc", "guid")
    assert "802.3 LAN" in ipmitool(rig, bmc, "channel", "info", "1")
    assert "ADMINISTRATOR" in ipmitool(rig, bmc, "channel", "getaccess", "1", str(SLOT))
    assert "hmac_sha256" in ipmitool(rig, bmc, "channel", "getciphers", "ipmi", "1")


@needs_ipmitool
def test_ipmitool_sets_the_boot_device_and_the_identify_light(rig: Rig) -> None:
    bmc = rig.bmc()
    ipmitool(rig, bmc, "chassis", "bootdev", "pxe", "options=efiboot,persistent")
    assert bmc.boot.device == 1
    assert "Force PXE" in ipmitool(rig, bmc, "chassis", "bootparam", "get", "5")
    ipmitool(rig, bmc, "chassis", "identify", "force")
    wait_until(lambda: bmc.identify == Identify.FORCED)
    ipmitool(rig, bmc, "chassis", "identify", "0")
    wait_until(lambda: bmc.identify == Identify.OFF)


@needs_ipmitool
def test_an_unknown_command_is_answered_as_such(rig: Rig) -> None:
    with pytest.raises(subprocess.CalledProcessError) as caught:
        ipmitool(rig, rig.bmc(), "raw", "0x06", "0x70")
    assert "0xc1" in caught.value.stderr
