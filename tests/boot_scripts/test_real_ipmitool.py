"""Step `bmc` with the real ipmitool on a simulated BMC: are its words what we take them for?"""

import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.boot_scripts.bmc_simulator import command, missing, simulated_bmc
from tests.boot_scripts.machine import PASSWORD, Machine

pytestmark = pytest.mark.skipif(bool(missing()), reason=f"not installed here: {missing()}")


@pytest.fixture
def bmc_port(tmp_path: Path) -> Iterator[int]:
    with simulated_bmc(tmp_path / "bmc") as port:
        yield port


@pytest.fixture
def connected(machine: Machine, bmc_port: int) -> Machine:
    """A machine whose ipmitool is the real one, led to the simulated BMC."""
    launcher = machine.bin / "ipmitool"
    launcher.unlink()
    words = shlex.join(command(bmc_port, "ADMIN", "factory"))
    note = 'echo "ipmitool $*" >>"$STANDIN_STATE/argv"'
    launcher.write_text(f'#!/bin/sh\n{note}\nexec {words} "$@"\n')
    launcher.chmod(0o755)
    return machine


def parameter(tmp_path: Path, name: str) -> str:
    """A LAN parameter as the BMC keeps it."""
    return (tmp_path / "bmc/lan" / name).read_text().strip()


def test_the_bmc_takes_its_address_and_lets_bearman_in(
    connected: Machine, bmc_port: int, tmp_path: Path
) -> None:
    ended = connected.run("register.sh")
    assert (ended.code, connected.is_off) == (0, True), ended.console + connected.log("bmc")
    assert parameter(tmp_path, "ip_addr") == "10.9.0.21"
    assert parameter(tmp_path, "ip_addr_src") == "static"
    assert parameter(tmp_path, "subnet_mask") == "255.255.240.0"
    assert parameter(tmp_path, "default_gw_ip_addr") == "10.9.0.1"
    asked = [*command(bmc_port, "bearman", PASSWORD), "chassis", "power", "status"]
    answer = subprocess.run(asked, check=False, capture_output=True, text=True, timeout=30)
    assert answer.stdout == "Chassis Power is off\n", answer.stderr
    assert not [line for line in connected.argv if PASSWORD in line]


def test_a_second_registration_sets_nothing_but_the_credential(connected: Machine) -> None:
    connected.run("register.sh")
    before = len(connected.bmc_calls)
    connected.restart()
    assert connected.run("register.sh").code == 0
    assert connected.bmc_calls[before:] == [
        *("lan print 1", "-c user list 1", "channel info 1"),
        *("exec /dev/stdin", "user enable 3"),
        *("lan print 1", "-c user list 1", "channel info 1"),
        "exec /dev/stdin",
    ]


def test_an_account_that_has_bearmans_name_is_found(connected: Machine) -> None:
    connected.bearman_gives(bmc_username="ADMIN\n")
    assert connected.run("register.sh").code == 1
    assert "user 2 of the BMC already has the name ADMIN" in connected.log("bmc")


@pytest.mark.parametrize("password", ["!%*+,./:=?@^_-1a", "-leading", "x"])
def test_every_character_that_is_let_through_arrives(
    connected: Machine, bmc_port: int, password: str
) -> None:
    connected.bearman_gives(bmc_password=f"{password}\n")
    assert connected.run("register.sh").code == 0, connected.log("bmc")
    asked = [*command(bmc_port, "bearman", password), "chassis", "power", "status"]
    assert subprocess.run(asked, check=False, capture_output=True, timeout=30).returncode == 0
