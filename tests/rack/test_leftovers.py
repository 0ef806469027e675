"""What a killed rack leaves is cleared by the next; the rack's VLAN does what it says."""

import json
import os
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from tests.rack import state as states
from tests.rack.shell import run
from tests.rack.state import began, clear_leftovers, new_state
from tests.rack.trunk import is_tagged, tagged, untagged

pytestmark = pytest.mark.rack
TAG = b"\x81\x00\x00\x78"  # VLAN 120
FRAME = bytes(12) + b"\x08\x00" + b"what it carries"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of states without those of a rack that runs."""
    monkeypatch.setattr(states, "FOLDER", tmp_path / "racks")
    return tmp_path / "racks"


def test_a_frame_gets_its_tag_and_loses_it() -> None:
    assert tagged(FRAME, TAG)[12:16] == TAG
    assert untagged(tagged(FRAME, TAG)) == FRAME


def test_only_frames_of_the_vlan_are_passed_on_whatever_their_priority() -> None:
    assert is_tagged(tagged(FRAME, TAG), TAG)
    assert is_tagged(tagged(FRAME, b"\x81\x00\xe0\x78"), TAG)
    assert not is_tagged(tagged(FRAME, b"\x81\x00\x00\x79"), TAG)
    assert not is_tagged(FRAME, TAG)


@pytest.mark.skipif(os.getuid() != 0 or not shutil.which("ip"), reason="needs root and iproute2")
def test_what_a_killed_rack_left_is_cleared(folder: Path) -> None:
    name = f"bearman-test-{os.getpid()}"
    left = new_state("killed")
    sleeper = subprocess.Popen(["sleep", "600"], start_new_session=True)
    try:
        left.add_process(sleeper.pid)
        left.add_namespace(name)
        run("ip", "netns", "add", name)
        raw = json.loads(left.path.read_text()) | {"began": "another process had the number"}
        left.path.write_text(json.dumps(raw))
        assert clear_leftovers() == ["killed"]
        assert sleeper.wait(5) == -signal.SIGKILL
        assert name not in run("ip", "netns", "list")
        assert not list(folder.iterdir())
    finally:
        with suppress(ProcessLookupError):
            sleeper.kill()
        run("ip", "netns", "delete", name, check=False)


def test_a_rack_that_runs_is_left_alone() -> None:
    ours = new_state("ours")
    ours.save()
    assert clear_leftovers() == []
    assert ours.path.exists()
    assert began(os.getpid()) == ours.began
