"""install/network.sh writes what systemd-networkd reads, for each kind of network."""

import pytest

from tests.boot_scripts.deployment import DETAIL, Deployment
from tests.boot_scripts.machine import BOOT_SCRIPTS, Machine

SCRIPT = (BOOT_SCRIPTS / "install/network.sh").read_bytes()
ONE_LINK = """hostname web-1
baremetal_id 7
address 192.0.2.10/24
gateway 192.0.2.1
vlan 0
link eno1 52:54:00:12:34:01
dns 192.0.2.53
"""
LINK_FILE = """[Match]
PermanentMACAddress=52:54:00:12:34:01

[Network]
DHCP=no
IPv6AcceptRA=no
DNS=192.0.2.53
Address=192.0.2.10/24
Gateway=192.0.2.1
"""
BOND_FILES = {
    "05-bearman-bond0.netdev": """[NetDev]
Name=bond0
Kind=bond
MACAddress=52:54:00:12:34:01

[Bond]
Mode=802.3ad
MIIMonitorSec=100ms
TransmitHashPolicy=layer3+4
""",
    "05-bearman-member0.network": """[Match]
PermanentMACAddress=52:54:00:12:34:01

[Network]
Bond=bond0
""",
    "05-bearman-member1.network": """[Match]
PermanentMACAddress=52:54:00:12:34:02

[Network]
Bond=bond0
""",
    "05-bearman-bond0.network": """[Match]
Name=bond0

[Network]
DHCP=no
IPv6AcceptRA=no
VLAN=vlan120
Address=198.51.100.7/28
""",
    "05-bearman-vlan120.netdev": """[NetDev]
Name=vlan120
Kind=vlan

[VLAN]
Id=120
""",
    "05-bearman-vlan120.network": """[Match]
Name=vlan120

[Network]
DHCP=no
IPv6AcceptRA=no
DNS=192.0.2.53
DNS=2001:db8::53
Domains=example.org
Address=192.0.2.10/24
Gateway=192.0.2.1
Address=2001:db8::10/64
Gateway=2001:db8::1
""",
}


def network_files(machine: Machine) -> dict[str, str]:
    """All files of systemd-networkd, by name."""
    folder = machine.root / "etc/systemd/network"
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_one_link_gets_the_address(machine: Machine, deployment: Deployment) -> None:
    deployment.boot(SCRIPT, ONE_LINK)
    ended = machine.run("bearman-install")
    assert ended.code == 0, machine.log("configure")
    assert network_files(machine) == {"05-bearman-link.network": LINK_FILE}
    assert (machine.root / "etc/hostname").read_text() == "web-1\n"
    assert not (machine.root / "root").exists(), "there were no keys"


def test_a_bond_carries_the_vlan_and_all_addresses(
    machine: Machine, deployment: Deployment
) -> None:
    deployment.boot(SCRIPT)
    assert machine.run("bearman-install").code == 0, machine.log("configure")
    assert network_files(machine) == BOND_FILES


def test_a_vlan_can_stand_on_a_single_link(machine: Machine, deployment: Deployment) -> None:
    deployment.boot(SCRIPT, ONE_LINK.replace("vlan 0", "vlan 7"))
    assert machine.run("bearman-install").code == 0
    files = network_files(machine)
    assert sorted(name.removeprefix("05-bearman-") for name in files) == [
        "link.network",
        "vlan7.netdev",
        "vlan7.network",
    ]
    assert files["05-bearman-link.network"].endswith("IPv6AcceptRA=no\nVLAN=vlan7\n")
    assert files["05-bearman-vlan7.network"].endswith("Address=192.0.2.10/24\nGateway=192.0.2.1\n")


def test_networkd_can_read_the_files_but_other_users_cannot_write_them(
    machine: Machine, deployment: Deployment
) -> None:
    deployment.boot(SCRIPT)
    machine.run("bearman-install")
    for path in (machine.root / "etc/systemd/network").iterdir():
        assert path.stat().st_mode & 0o777 == 0o644


def test_a_second_run_gives_the_same_and_takes_away_what_is_no_more(
    machine: Machine, deployment: Deployment
) -> None:
    deployment.boot(SCRIPT)
    machine.run("bearman-install")
    keys = machine.root / "root/.ssh/authorized_keys"
    before = keys.read_text()
    machine.run("bearman-install", "--again")
    assert (network_files(machine), keys.read_text()) == (BOND_FILES, before)
    other = machine.root / "etc/systemd/network/20-other.network"
    other.write_text("[Match]\n")
    deployment.boot(SCRIPT, ONE_LINK)
    machine.run("bearman-install", "--again")
    assert sorted(network_files(machine)) == ["05-bearman-link.network", "20-other.network"]


@pytest.mark.parametrize(
    "before", ["", "ssh-rsa AAAA of a person\n", "ssh-rsa AAAA without an end"]
)
def test_the_keys_are_added_to_those_that_are_there(
    machine: Machine, deployment: Deployment, before: str
) -> None:
    keys = machine.root / "root/.ssh/authorized_keys"
    keys.parent.mkdir(parents=True)
    keys.write_text(before)
    deployment.boot(SCRIPT)
    machine.run("bearman-install")
    ours = "".join(f"{line[8:]}\n" for line in DETAIL.splitlines() if line.startswith("ssh-key"))
    if before:
        before = before.rstrip("\n") + "\n"
    assert keys.read_text() == f"{before}# bearman: begin\n{ours}# bearman: end\n"
    assert keys.stat().st_mode & 0o777 == 0o600
    assert keys.parent.stat().st_mode & 0o777 == 0o700
