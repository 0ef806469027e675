"""The reader of initramfs archives, against those that the real cpio writes."""

import gzip
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.cpio import newc as write
from simulator.newc import ArchiveError, Entry, files, read, read_appended

SEED = Entry(0o100600, b"token secret\n")


def archive(content: bytes = SEED.content) -> bytes:
    return write([("bearman/seed", 0o600, content)])


def test_it_reads_what_the_real_cpio_writes(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/hosts").write_text("127.0.0.1 localhost\n")
    (tmp_path / "etc/hosts").chmod(0o640)
    names = b".\0etc\0etc/hosts\0"
    done = subprocess.run(
        ["cpio", "-o", "-0", "-H", "newc", "--quiet"],
        cwd=tmp_path,
        input=names,
        capture_output=True,
        check=True,
    )
    entries = read(done.stdout)
    assert entries["etc/hosts"] == Entry(0o100640, b"127.0.0.1 localhost\n")
    assert list(files(entries)) == ["etc/hosts"]
    assert list(files(entries, "etc/")) == ["hosts"]


@pytest.mark.parametrize("size", range(1, 6))
def test_the_last_archive_is_found_after_any_initramfs(size: int) -> None:
    for before in (gzip.compress(b"x" * size), archive(b"of the image"), b"\xff070701" * size):
        padded = before + bytes(-len(before) % 4)
        assert read_appended(padded + archive())["bearman/seed"] == SEED


def test_an_archive_that_is_not_aligned_is_not_found() -> None:
    with pytest.raises(ArchiveError, match="no newc archive"):
        read_appended(gzip.compress(b"x") + b"\xff" * 5 + archive())


def test_of_two_files_with_one_name_the_last_counts() -> None:
    assert read(archive(b"old") + archive())["bearman/seed"] == SEED


@pytest.mark.parametrize("cut", [1, 50, 109, 150])
def test_an_archive_that_is_cut_short_is_refused(cut: int) -> None:
    with pytest.raises(ArchiveError):
        read(archive()[:cut])


def test_no_name_leads_out_of_the_archive() -> None:
    with pytest.raises(ArchiveError, match="leads out"):
        read(archive().replace(b"bearman/seed", b"../../../etc"))


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        read(data)
    except ArchiveError:
        return
    assert not data.strip(b"\0") or data.lstrip(b"\0").startswith(b"07070")
