"""The archive is what real unpackers take."""

import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from profiles import cpio

FILES = [
    ("bearman/seed", 0o600, b"url http://bearman.example\n"),
    ("bearman/nocloud/user-data", 0o644, b"#cloud-config\n"),
    ("preseed.cfg", 0o600, b""),
    ("bearman/run", 0o755, b"x" * 1001),
]


@pytest.mark.parametrize("unpacker", ["cpio", "busybox cpio"])
def test_real_programs_unpack_it_with_modes_and_folders(unpacker: str, tmp_path: Path) -> None:
    program = unpacker.split()
    if shutil.which(program[0]) is None:
        pytest.skip(f"needs the Debian package {program[0]}")
    archive = cpio.newc(FILES)
    subprocess.run([*program, "-idm"], input=archive, cwd=tmp_path, check=True, capture_output=True)
    for path, mode, content in FILES:
        assert (tmp_path / path).read_bytes() == content
        assert stat.S_IMODE((tmp_path / path).stat().st_mode) == mode
    assert stat.S_IMODE((tmp_path / "bearman").stat().st_mode) == 0o755


def test_it_is_padded_so_that_another_archive_may_follow() -> None:
    archive = cpio.newc(FILES)
    assert len(archive) % 512 == 0
    assert archive.startswith(b"070701")
    assert b"TRAILER!!!\0" in archive


def test_folders_come_before_what_is_in_them_and_once() -> None:
    archive = cpio.newc(FILES)
    assert archive.index(b"bearman\0") < archive.index(b"bearman/seed\0")
    assert archive.count(b"\0bearman\0") + archive.count(b"0bearman\0") == 1


def test_the_same_files_make_the_same_archive() -> None:
    assert cpio.newc(FILES) == cpio.newc(FILES)


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "a/../../x", "", ".", "a\0b"])
def test_a_path_outside_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="not a path inside"):
        cpio.newc([(path, 0o600, b"")])
