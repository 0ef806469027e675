"""Stage two, built and booted with a seed: it sets itself up as Bearman says, and calls back."""

from pathlib import Path

import pytest

from tests.boot_scripts.machine import BOOT_SCRIPTS
from tests.images import qemu
from tests.images.conftest import Image
from tests.images.peer import NONCE, UUID, Peer, with_seed
from tests.images.test_boot_stage_one import looked

SECONDS = 900  # since power-on
LOOK = r"""
(
exec >/dev/console 2>&1
say() { echo "LOOK $1=$(tr '\n' '|')"; }
sleep 15
hostname | say hostname
networkctl --no-legend list | say links
ip -br -4 address | tr -s ' ' | say addresses
systemctl is-active multi-user.target ssh systemd-networkd | say active
systemctl --failed --no-legend | say failed
ls /run/bearman-seed | say seed
findmnt -n -o FSTYPE / | say root
cat /root/.ssh/authorized_keys | wc -l | say keys
echo LOOK end
)
"""


@pytest.mark.timeout(2400)
@pytest.mark.parametrize("name", ["debian", "debian_with_dracut"])
def test_the_system_comes_up_as_bearman_says_and_calls_back(
    name: str, peer: Peer, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    image: Image = request.getfixturevalue(name)
    script = (BOOT_SCRIPTS / "install/network.sh").read_text() + LOOK
    initramfs = with_seed(image.initramfs, peer.offer_system(script), tmp_path / "initramfs")
    append = f"{image.append} {peer.offer_root(image.root)}"
    with qemu.booted(image.kernel, initramfs, append, memory=2048) as console:
        console.wait_for("bearman: the root file system is what Bearman says", SECONDS)
        console.wait_for("LOOK end", SECONDS)
        console.wait_for("bearman: Bearman says: INSTALLED", SECONDS)
    found = looked(console)
    assert found["hostname"] == "web-1|"
    assert "10.0.2.15/24" in found["addresses"]
    assert found["active"] == "active|" * 3
    assert found["failed"] == ""
    assert found["seed"] == "seed|"
    assert found["root"] == "overlay|"
    assert f"/installed/{UUID}" in peer.reports()
    assert {post.nonce for post in peer.posted} == {NONCE}


@pytest.mark.timeout(2400)
def test_dracut_boots_no_root_that_somebody_changed(debian_with_dracut: Image, peer: Peer) -> None:
    image, root = debian_with_dracut, debian_with_dracut.root
    append = f"{image.append} {peer.offer_root(root[:-1] + b'!', named=root)}"
    with qemu.booted(image.kernel, image.initramfs, append, memory=2048) as console:
        console.wait_for("bearman: BOOT-011: this system does not boot", SECONDS)
        assert not console.has("Welcome to Debian.*\\(bookworm\\)!$")
