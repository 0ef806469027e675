"""Publication makes one file of a script and lib.sh."""

import subprocess
from pathlib import Path

import pytest

from profiles.bundle import bundle
from tests.boot_scripts.machine import BOOT_SCRIPTS

MARKER = b'. "${0%/*}/lib.sh" # bearman: inline\n'
OTHER = MARKER.replace(b"lib", b"web")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "lib.sh").write_bytes(b"say() { echo lib; }\n")
    (tmp_path / "web.sh").write_bytes(b"ask() { say; }\n")
    return tmp_path


def test_each_marker_line_becomes_its_library(folder: Path) -> None:
    (folder / "x.sh").write_bytes(b"#!/bin/sh\n" + MARKER + OTHER + b"ask\n")
    assert bundle("x.sh", folder) == b"#!/bin/sh\nsay() { echo lib; }\nask() { say; }\nask\n"


@pytest.mark.parametrize(
    "text",
    [
        b"#!/bin/sh\nsay\n",
        b"#!/bin/sh\n" + MARKER + MARKER,
        b"#!/bin/sh\n  " + MARKER,
        b"#!/bin/sh\n" + MARKER.replace(b"inline", b"inlined"),
    ],
)
def test_a_script_without_marker_lines_or_with_one_twice_is_refused(
    folder: Path, text: bytes
) -> None:
    (folder / "x.sh").write_bytes(text)
    with pytest.raises(ValueError, match=r"x\.sh must have one line"):
        bundle("x.sh", folder)


@pytest.mark.parametrize("name", ["autorun", "register.sh", "kexec.sh", "bearman-install"])
def test_our_scripts_stand_alone_once_bundled(shell: list[str], tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(bundle(name, BOOT_SCRIPTS))
    assert b"# bearman: inline" not in path.read_bytes()
    checked = subprocess.run([*shell, "-n", path], check=False, capture_output=True)
    assert (checked.returncode, checked.stderr) == (0, b"")
