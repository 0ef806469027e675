"""Publication makes one file of a script and lib.sh."""

import subprocess
from pathlib import Path

import pytest

from profiles.bundle import MARKER, bundle
from tests.boot_scripts.machine import BOOT_SCRIPTS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "lib.sh").write_bytes(b"say() { echo lib; }\n")
    return tmp_path


def test_the_marker_line_becomes_the_library(folder: Path) -> None:
    (folder / "x.sh").write_bytes(b"#!/bin/sh\n" + MARKER + b"say\n")
    assert bundle("x.sh", folder) == b"#!/bin/sh\nsay() { echo lib; }\nsay\n"


@pytest.mark.parametrize(
    "text",
    [
        b"#!/bin/sh\nsay\n",
        b"#!/bin/sh\n" + MARKER + MARKER,
        b"#!/bin/sh\n  " + MARKER,
        b"#!/bin/sh\n" + MARKER.replace(b"inline", b"inlined"),
    ],
)
def test_a_script_without_exactly_one_marker_line_is_refused(folder: Path, text: bytes) -> None:
    (folder / "x.sh").write_bytes(text)
    with pytest.raises(ValueError, match=r"x\.sh must have exactly one line"):
        bundle("x.sh", folder)


@pytest.mark.parametrize("name", ["autorun", "register.sh"])
def test_our_scripts_stand_alone_once_bundled(shell: list[str], tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(bundle(name, BOOT_SCRIPTS))
    assert MARKER not in path.read_bytes()
    checked = subprocess.run([*shell, "-n", path], check=False, capture_output=True)
    assert (checked.returncode, checked.stderr) == (0, b"")
