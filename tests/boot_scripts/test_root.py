"""bearman-root fetches the root into memory, and lets nothing boot that is not what Bearman says.

It runs as in an initramfs of Debian (busybox and its wget) and as in one of dracut (curl).
"""

import hashlib
import os
import shutil
import stat
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.boot_scripts.machine import BOOT_SCRIPTS
from tests.boot_scripts.web import Answer, Web

SCRIPT = BOOT_SCRIPTS / "initramfs/bearman-root"
ROOT_IMAGE = os.urandom(5_000_000)
PATH = "/images/debian-12/1/0123456789abcdef/filesystem.squashfs"
APPLETS = (
    *("cat", "cut", "grep", "head", "mkdir", "printf", "rm", "sed"),
    *("sha256sum", "sleep", "stat", "tail", "tr", "wget"),
)

needs_busybox = pytest.mark.skipif(
    not shutil.which("busybox"), reason="needs Debian's package busybox: apt-get install busybox"
)


@dataclass
class Initramfs:
    """A machine in its initramfs; `boots_with` is its kernel command line."""

    folder: Path
    kind: str
    settings: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("proc", "run", "bin", "dev"):
            (self.folder / name).mkdir()
        (self.folder / "proc/meminfo").write_text("MemAvailable:    1000000 kB\n")
        if self.kind == "busybox":
            for name in APPLETS:
                (self.folder / "bin" / name).symlink_to(shutil.which("busybox") or "")
        self._add("reboot", 'echo "$*" >"$ROOT/rebooted"')

    def _add(self, name: str, text: str) -> None:
        program = self.folder / "bin" / name
        program.write_text(f"#!/bin/sh\n{text}\n")
        program.chmod(0o755)

    def boots_with(self, url: str, root: str) -> None:
        """Set the kernel command line."""
        words = f"BOOT_IMAGE=vmlinuz boot=live fetch={url} bearman.root={root} console=ttyS0\n"
        (self.folder / "proc/cmdline").write_text(words)

    def run(self) -> tuple[int, str]:
        """Run the script; its code, and all that the consoles showed."""
        shell = ["busybox", "sh"] if self.kind == "busybox" else ["bash", "--posix"]
        path = "" if self.kind == "busybox" else ":/usr/bin:/bin"
        ended = subprocess.run(
            [shutil.which(shell[0]) or "", *shell[1:], str(SCRIPT), str(self.root)],
            env={
                "ROOT": str(self.folder),
                "PATH": f"{self.folder}/bin{path}",
                "BEARMAN_ROOT_PAUSE": "0",
                "BEARMAN_ROOT_TRIES": "3",
                "BEARMAN_ROOT_RESTART": "0",
            }
            | self.settings,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
        )
        kernel_log = self.folder / "dev/kmsg"
        return ended.returncode, ended.stdout + (
            kernel_log.read_text() if kernel_log.exists() else ""
        )

    @property
    def root(self) -> Path:
        """What would be mounted."""
        return self.folder / "run/filesystem.squashfs"

    @property
    def restarted(self) -> bool:
        """Whether the machine was told to restart."""
        return (self.folder / "rebooted").exists()


@pytest.fixture(params=[pytest.param("busybox", marks=needs_busybox), "dracut"])
def initramfs(request: pytest.FixtureRequest, tmp_path: Path, web: Web) -> Initramfs:
    """A machine that was told to boot ROOT_IMAGE."""
    machine = Initramfs(tmp_path, request.param)
    machine.boots_with(web.url + PATH, named(ROOT_IMAGE))
    web.answers[PATH] = Answer(ROOT_IMAGE)
    return machine


def named(root: bytes) -> str:
    """The value of bearman.root."""
    return f"{hashlib.sha256(root).hexdigest()}:{len(root)}"


def refused(initramfs: Initramfs, code: str) -> str:
    """Run; nothing may be left to boot, the machine restarts, and every console has the code."""
    ended, shown = initramfs.run()
    assert ended == 1
    assert not initramfs.root.exists()
    assert initramfs.restarted
    assert f"bearman: {code}: this system does not boot" in shown
    assert "What to do: " in shown
    return shown


def test_what_bearman_names_is_there_to_be_mounted(initramfs: Initramfs) -> None:
    code, shown = initramfs.run()
    assert (code, initramfs.root.read_bytes() == ROOT_IMAGE) == (0, True), shown
    assert shown.splitlines()[-1] == "bearman: the root file system is what Bearman says"
    assert not initramfs.restarted
    assert [path.name for path in (initramfs.folder / "run").iterdir()] == ["filesystem.squashfs"]


def test_a_download_that_breaks_off_goes_on_where_it_was(initramfs: Initramfs, web: Web) -> None:
    web.answers[PATH].breaks_after = 2_000_000
    code, shown = initramfs.run()
    assert (code, initramfs.root.read_bytes() == ROOT_IMAGE) == (0, True), shown
    assert [int(wanted[6:-1]) for _, wanted in web.ranges] == [2_000_000, 4_000_000]
    assert "the download broke off at 1 of 4 MiB" in shown


def test_a_server_without_ranges_gives_it_from_the_beginning(
    initramfs: Initramfs, web: Web
) -> None:
    answer = web.answers[PATH]
    answer.ranges, answer.breaks_after = False, 900_000
    web.on_request = lambda _: mend(answer) if len(web.asked) > 2 else None
    code, shown = initramfs.run()
    assert (code, initramfs.root.read_bytes() == ROOT_IMAGE) == (0, True), shown


def mend(answer: Answer) -> None:
    """From now on the answer is whole."""
    answer.breaks_after = None


def test_a_signed_address_is_asked_for_as_it_is_and_shown_without_its_signature(
    initramfs: Initramfs, web: Web
) -> None:
    query = "?X-Amz-Credential=key%2F20261124&X-Amz-Signature=5ec7e7&x=a;b,c@d"
    web.answers = {PATH + query: Answer(ROOT_IMAGE)}
    initramfs.boots_with(web.url + PATH + query, named(ROOT_IMAGE))
    code, shown = initramfs.run()
    assert (code, initramfs.root.read_bytes() == ROOT_IMAGE) == (0, True), shown
    assert web.asked[-1][0] == PATH + query
    assert "5ec7e7" not in shown


@pytest.mark.issue("BOOT-011")
def test_damaged_bytes_are_fetched_again_and_never_mounted(initramfs: Initramfs, web: Web) -> None:
    damaged = ROOT_IMAGE[:-1] + bytes([ROOT_IMAGE[-1] ^ 1])
    web.answers[PATH] = Answer(damaged)
    shown = refused(initramfs, "BOOT-011")
    assert len(web.asked) == 2
    assert f"SHA-256 {named(damaged)[:64]}, not {named(ROOT_IMAGE)[:64]}" in shown


def test_bytes_that_were_damaged_on_the_way_once_boot_all_the_same(
    initramfs: Initramfs, web: Web
) -> None:
    web.answers[PATH] = Answer(bytes(len(ROOT_IMAGE)))

    def come_right(_: str) -> None:
        web.answers[PATH] = Answer(ROOT_IMAGE if len(web.asked) > 1 else bytes(len(ROOT_IMAGE)))

    web.on_request = come_right
    code, shown = initramfs.run()
    assert (code, initramfs.root.read_bytes() == ROOT_IMAGE) == (0, True), shown
    assert "fetching it once more" in shown


@pytest.mark.parametrize("size", [len(ROOT_IMAGE) - 1, 300], ids=["a little", "much"])
def test_a_file_that_is_shorter_is_refused(initramfs: Initramfs, web: Web, size: int) -> None:
    web.answers[PATH] = Answer(ROOT_IMAGE[:size])
    assert f"came with {size} bytes, not {len(ROOT_IMAGE)}" in refused(initramfs, "BOOT-011")


def test_a_file_without_end_is_cut_where_it_grows_too_long(initramfs: Initramfs, web: Web) -> None:
    web.answers[PATH] = Answer(ROOT_IMAGE * 8, length=None)
    assert "came with " in refused(initramfs, "BOOT-011")


@pytest.mark.issue("BOOT-013")
@pytest.mark.parametrize("status", [403, 404, 503])
def test_what_the_server_answers_is_on_the_console(
    initramfs: Initramfs, web: Web, status: int
) -> None:
    web.answers[PATH] = Answer(b"<Error>AccessDenied</Error>", status=status)
    assert str(status) in refused(initramfs, "BOOT-013")
    assert len(web.asked) == 3


def test_a_server_that_is_away_is_asked_again(initramfs: Initramfs, web: Web) -> None:
    web.stop()
    assert "connect" in refused(initramfs, "BOOT-013")


def test_a_server_that_falls_silent_is_asked_again(initramfs: Initramfs, web: Web) -> None:
    web.answers[PATH].pause = 1.5
    initramfs.settings = {"BEARMAN_ROOT_STALL": "2", "BEARMAN_ROOT_TRIES": "2"}
    refused(initramfs, "BOOT-013")


@pytest.mark.issue("BOOT-014")
@pytest.mark.parametrize(
    "root",
    ["", "00", f"{'0' * 64}", f"{'0' * 64}:0", f"{'G' * 64}:10", f"{'0' * 64}:10:10", "$(reboot)"],
)
def test_a_root_that_is_not_named_properly_is_not_even_fetched(
    initramfs: Initramfs, web: Web, root: str
) -> None:
    initramfs.boots_with(web.url + PATH, root)
    refused(initramfs, "BOOT-014")
    assert web.asked == []


@pytest.mark.parametrize("url", ["", "file:///etc/passwd", "ftp://x/y", "http://a'b", "-O/etc/x"])
def test_only_http_is_fetched(initramfs: Initramfs, url: str) -> None:
    initramfs.boots_with(url, named(ROOT_IMAGE))
    refused(initramfs, "BOOT-014")


@pytest.mark.issue("BOOT-015")
def test_a_root_that_memory_has_no_room_for_is_not_fetched(initramfs: Initramfs, web: Web) -> None:
    (initramfs.folder / "proc/meminfo").write_text("MemAvailable:    60000 kB\n")
    assert "58 MiB of memory are free" in refused(initramfs, "BOOT-015")
    assert web.asked == []


def test_without_a_kernel_log_the_failure_is_shown_all_the_same(
    initramfs: Initramfs, web: Web
) -> None:
    (initramfs.folder / "dev").rmdir()
    web.stop()
    refused(initramfs, "BOOT-013")


def test_it_is_a_program() -> None:
    assert stat.S_IMODE(SCRIPT.stat().st_mode) == 0o755
