"""Stage one, built and booted: what it brings along works, and it runs what Bearman says."""

import re

import pytest

from tests.images import qemu
from tests.images.conftest import Image
from tests.images.peer import Peer

SECONDS = 900  # since power-on; a computer that is busy emulates slowly
LIMIT = 250 * 1024 * 1024  # bytes of the three artefacts
LOOK = r"""#!/bin/sh
exec >/dev/console 2>&1
say() { echo "LOOK $1=$(tr '\n' '|')"; }
sleep 20
systemctl --failed --no-legend | say failed
cat /etc/machine-id | say machine-id
bearman-cli --version | say cli
lldpcli show chassis | say lldp
ls /etc/ssh/ssh_host_* | say host-keys
systemctl is-active ssh lldpd systemd-networkd autorun | say active
for program in curl dmidecode ethtool flock ipmitool kexec lldpcli lspci openssl setsid agetty; do
    command -v "$program" >/dev/null || echo "$program"
done | say missing
grep ' /run ' /proc/mounts | say run
cp /bin/true /run/true && /run/true && echo yes | say run-executes
for module in ipmi_si mlx5_core bnxt_en ice nvme megaraid_sas mpt3sas msr; do
    modinfo -F filename "$module"
done | wc -l | say modules
cd /run
openssl genpkey -algorithm ed25519 -out k.pem
openssl pkey -in k.pem -pubout -out p.pem
openssl pkeyutl -sign -inkey k.pem -rawin -in p.pem -out sig
openssl pkeyutl -verify -pubin -inkey p.pem -rawin -in p.pem -sigfile sig | say verifies
grep -c . /proc/modules | say loaded
echo LOOK end
"""


@pytest.mark.timeout(2400)
def test_stage_one_runs_what_bearman_says_and_all_its_tools_work(
    stage_one: Image, peer: Peer
) -> None:
    append = f"{stage_one.append} {peer.offer_root(stage_one.root)} {peer.offer_script(LOOK)}"
    with qemu.booted(stage_one.kernel, stage_one.initramfs, append) as console:
        console.wait_for("bearman: the root file system is what Bearman says", SECONDS)
        console.wait_for("bearman: running /run/bearman/register.sh", SECONDS)
        console.wait_for("LOOK end", SECONDS)
    found = looked(console)
    assert found["failed"] == ""
    assert re.fullmatch(r"[0-9a-f]{32}\|", found["machine-id"])
    assert found["cli"].startswith("bearman-cli ")
    assert "mac 52:54:00:12:34:56" in found["lldp"]
    assert found["host-keys"] == "/etc/ssh/ssh_host_ed25519_key|/etc/ssh/ssh_host_ed25519_key.pub|"
    assert found["active"] == "active|" * 4
    assert found["missing"] == ""
    assert found["run-executes"] == "yes|"
    assert found["modules"] == "8|"
    assert "Signature Verified Successfully" in found["verifies"]


def looked(console: qemu.Console) -> dict[str, str]:
    """What the script LOOK found."""
    matches = (re.search(r"LOOK ([a-z-]+)=(.*)", line.text) for line in console.lines)
    return {match[1]: match[2] for match in matches if match}


def test_stage_one_is_small(stage_one: Image) -> None:
    artefacts = [stage_one.kernel, stage_one.initramfs, stage_one.folder / "filesystem.squashfs"]
    assert sum(path.stat().st_size for path in artefacts) < LIMIT


@pytest.mark.timeout(2400)
def test_a_root_that_somebody_changed_is_refused_on_the_console(
    stage_one: Image, peer: Peer
) -> None:
    root = stage_one.root
    tampered = root[:1_000_000] + bytes([root[1_000_000] ^ 1]) + root[1_000_001:]
    arguments = peer.offer_root(tampered, named=root)
    append = f"{stage_one.append} {arguments} {peer.offer_script(LOOK)}"
    with qemu.booted(stage_one.kernel, stage_one.initramfs, append) as console:
        console.wait_for("bearman: BOOT-011: this system does not boot", SECONDS)
        console.wait_for("This machine restarts in 60 s", SECONDS)
        assert not console.has("Welcome to Debian")
    assert len([path for path, _ in peer.asked if path.startswith("/images/")]) == 2


@pytest.mark.timeout(2400)
def test_a_download_from_a_signed_address_that_breaks_off_goes_on(
    stage_one: Image, peer: Peer
) -> None:
    root = stage_one.root
    query = "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=k%2F20261124&X-Amz-Signature=5ec7e7"
    append = f"{stage_one.append} {peer.offer_root(root, query=query)} {peer.offer_script(LOOK)}"
    for answer in peer.answers.values():
        if len(answer.body) == len(root):
            answer.breaks_after = len(root) // 2 + 1
    with qemu.booted(stage_one.kernel, stage_one.initramfs, append) as console:
        console.wait_for("the download broke off", SECONDS)
        console.wait_for("bearman: the root file system is what Bearman says", SECONDS)
        assert not console.has("5ec7e7.*bearman:|bearman:.*5ec7e7")
    assert peer.ranges[0][1] == f"bytes={len(root) // 2 + 1}-"
