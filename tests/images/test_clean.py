"""The clean-up of a container, here in a folder."""

import os
import subprocess
from pathlib import Path

from image_builder.pack_up import CLEAN

GOES = (
    "etc/ssh/ssh_host_rsa_key",
    "etc/ssh/ssh_host_ed25519_key.pub",
    "etc/hostname",
    "etc/resolv.conf",
    "etc/shadow-",
    "etc/apt/apt.conf.d/01bearman-build",
    "etc/systemd/network/00-bearman-build.network",
    "usr/sbin/policy-rc.d",
    "var/lib/systemd/random-seed",
    "var/lib/dbus/machine-id",
    "var/lib/apt/lists/deb.example_InRelease",
    "var/cache/apt/archives/x.deb",
    "var/log/journal/0123/system.journal",
    "var/log/apt/history.log",
    "tmp/left",
    "var/tmp/left/too",
    "root/.bash_history",
    "root/.ansible/tmp/x",
)
STAYS = (
    "etc/ssh/sshd_config",
    "etc/shadow",
    "etc/apt/apt.conf.d/10bearman",
    "etc/systemd/network/80-bearman.network",
    "root/.ssh/authorized_keys",
    "var/lib/dpkg/status",
    "usr/share/doc/bash/copyright",
)


def cleaned(root: Path) -> None:
    """Run the clean-up in that folder."""
    env = {**os.environ, "ROOT": str(root)}
    subprocess.run(["sh", "-euc", CLEAN.read_text()], env=env, check=True)


def test_what_belongs_to_one_machine_or_to_the_build_goes_and_all_else_stays(
    tmp_path: Path,
) -> None:
    for name in (*GOES, *STAYS, "etc/machine-id"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("of this machine")
    cleaned(tmp_path)
    assert [name for name in GOES if (tmp_path / name).exists()] == []
    assert [name for name in STAYS if not (tmp_path / name).exists()] == []
    assert (tmp_path / "etc/machine-id").read_bytes() == b""
    assert (tmp_path / "var/log/apt").is_dir()


def test_a_link_to_the_resolver_and_the_mask_of_a_role_stay(tmp_path: Path) -> None:
    units = tmp_path / "etc/systemd/system"
    for folder in (units, tmp_path / "tmp", tmp_path / "var/tmp", tmp_path / "var/log"):
        folder.mkdir(parents=True)
    (tmp_path / "etc/resolv.conf").symlink_to("../run/systemd/resolve/stub-resolv.conf")
    (units / "systemd-binfmt.service").symlink_to("/dev/null")  # of the build, see bases.py
    (units / "cron.service").symlink_to("/dev/null")
    cleaned(tmp_path)
    assert (tmp_path / "etc/resolv.conf").is_symlink()
    assert [path.name for path in units.iterdir()] == ["cron.service"]
