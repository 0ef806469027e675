"""What a killed rack leaves is cleared by the next; the rack's VLAN does what it says."""

import json
import os
import shutil
import signal
import struct
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from tests.rack import state as states
from tests.rack.layout import WEB_PORT
from tests.rack.meter import Packet, read, waited
from tests.rack.shell import run
from tests.rack.state import began, clear_leftovers, new_state
from tests.rack.trunk import is_tagged, tagged, untagged

pytestmark = pytest.mark.rack
TAG = b"\x81\x00\x00\x78"  # VLAN 120
ETHERNET = bytes(12) + b"\x08\x00"  # of IPv4
FRAME = ETHERNET + b"what it carries"


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


def test_the_meter_reads_who_waits_for_whom(tmp_path: Path) -> None:
    machine, server = b"\x0a\x4d\x01\x0a", b"\x0a\x4d\x00\x01"
    ports = struct.pack("!HH", WEB_PORT, 40000)
    head = b"\x45\x00" + struct.pack("!H", 41) + bytes(5) + b"\x06\x00\x00" + server + machine
    tcp = ports + bytes(8) + b"\x50" + bytes(7)
    assert read(ETHERNET + head + tcp + b"!") == Packet("10.77.1.10", 40000, is_answer=True)
    empty = head[:2] + struct.pack("!H", 40) + head[4:]
    assert read(ETHERNET + empty + tcp) is None
    log = tmp_path / "meter.log"
    log.write_text("1.0 10.77.1.10 0.2\n2.0 10.77.1.10 0.5\n2.0 10.77.1.11 9.0\n")
    assert waited(log, "10.77.1.10", since=1.5) == 0.5


@pytest.mark.skipif(os.getuid() != 0 or not shutil.which("ip"), reason="needs root and iproute2")
def test_what_a_killed_rack_left_is_cleared(folder: Path) -> None:
    name = f"bearman-test-{os.getpid()}"
    logs = folder.parent / "logs"
    logs.mkdir()
    left = new_state("killed", logs)
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
        assert not logs.exists()
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
