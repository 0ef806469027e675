"""bearman-seed carries the seed out of the initramfs, run as a program and sourced."""

import subprocess
from pathlib import Path

import pytest

from tests.boot_scripts.machine import BOOT_SCRIPTS

SCRIPT = BOOT_SCRIPTS / "initramfs/bearman-seed"
FILES = {
    "seed": "token secret\n",
    "nocloud/user-data": "#cloud-config\n",
    "nocloud/meta-data": "{}",
}


@pytest.fixture
def initramfs(tmp_path: Path) -> Path:
    """A folder with what Bearman's archive unpacks to."""
    for name, text in FILES.items():
        path = tmp_path / "bearman" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o600)
    (tmp_path / "run").mkdir()
    (tmp_path / "root").mkdir()
    return tmp_path


def run(shell: list[str], folder: Path, *words: str, **more: str) -> tuple[int, str]:
    """Run the script as initramfs-tools does, or with other words."""
    environment = {
        "PATH": "/usr/bin:/bin",
        "BEARMAN_SEED_FROM": str(folder / "bearman"),
        "BEARMAN_SEED_TO": str(folder / "run/bearman-seed"),
        "rootmnt": str(folder / "root"),
    } | more
    ended = subprocess.run(
        [*shell, *(words or (str(SCRIPT),))],
        env=environment,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=30,
    )
    return ended.returncode, ended.stdout


def files(folder: Path) -> dict[str, str]:
    """The files below a folder."""
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_seed_is_in_run_for_root_alone(shell: list[str], initramfs: Path) -> None:
    assert run(shell, initramfs) == (0, "")
    seed = initramfs / "run/bearman-seed"
    assert files(seed) == FILES
    assert seed.stat().st_mode & 0o777 == 0o700
    assert (seed / "seed").stat().st_mode & 0o777 == 0o600
    assert not (initramfs / "bearman").exists()


def test_cloud_init_finds_its_files_in_the_system(shell: list[str], initramfs: Path) -> None:
    run(shell, initramfs)
    found = files(initramfs / "root/var/lib/cloud/seed/nocloud")
    assert found == {"user-data": "#cloud-config\n", "meta-data": "{}"}


def test_dracut_goes_on_after_it_has_sourced_it(shell: list[str], initramfs: Path) -> None:
    words = ("-c", f". {SCRIPT}; umask; echo went on", "hook", "pre-pivot")
    code, output = run(shell, initramfs, *words, rootmnt="", NEWROOT=str(initramfs / "root"))
    assert (code, output.splitlines()[-1]) == (0, "went on")
    assert files(initramfs / "run/bearman-seed") == FILES
    assert (initramfs / "root/var/lib/cloud/seed/nocloud/user-data").exists()


def test_an_initramfs_without_a_seed_boots_on(shell: list[str], tmp_path: Path) -> None:
    assert run(shell, tmp_path) == (0, "")
    assert list(tmp_path.iterdir()) == []


def test_a_system_that_cannot_be_written_gets_its_seed_all_the_same(
    shell: list[str], initramfs: Path
) -> None:
    (initramfs / "root/var").write_text("no folder")
    code, output = run(shell, initramfs)
    assert code == 0
    assert "no room at" in output
    assert (initramfs / "run/bearman-seed/seed").exists()


@pytest.mark.parametrize("name", ["bearman-seed", "initramfs-tools-hook"])
def test_initramfs_tools_is_told_of_no_prerequisites(shell: list[str], name: str) -> None:
    words = [*shell, str(BOOT_SCRIPTS / "initramfs" / name), "prereqs"]
    ended = subprocess.run(words, check=False, capture_output=True, timeout=30)
    assert (ended.returncode, ended.stdout) == (0, b"\n")
