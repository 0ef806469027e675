"""`make rack`: its words do what a person in the machine room does, and nothing is left of it."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests

from simulator.demo.product import PROJECT
from tests.rack.shell import run

pytestmark = [
    pytest.mark.rack,
    pytest.mark.timeout(600),
    pytest.mark.xdist_group("rack"),
    pytest.mark.usefixtures("built"),
]
DEMAND = [
    *("status", "power-button 1", "status", "cable 2 eno1 sw2:7", "swap 1 2", "status"),
    *("unplug 1 eno1", "status", "cable 2 eno1 sw3:1", "rack screen 1", "ssh 1", "cut 1"),
    *("power-button 9", "nonsense", "status"),
]


@contextmanager
def console() -> Iterator["subprocess.Popen[str]"]:
    """A rack of two machines and its console; killed afterwards where it still runs."""
    words = [sys.executable, "-m", "tests.rack", "--machines", "2"]
    process = subprocess.Popen(
        words,
        cwd=PROJECT,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def begun(process: "subprocess.Popen[str]") -> str:
    """Read until the machines are there, and return what was said."""
    assert process.stdout
    said = ""
    while "all off" not in said:
        line = process.stdout.readline()
        assert line, said
        said += line
    return said


def statuses(said: str) -> list[list[str]]:
    """Return each line of a status: number, power, port."""
    found = re.findall(r"(\d)  (on|off) +RACK\d{4}  (\S+)  ", said)
    return [list(each) for each in found]


def test_the_words_do_what_a_person_in_the_machine_room_does() -> None:
    with console() as process:
        admin = re.search(r"Admin: (\S+)", begun(process))
        assert admin
        answer = requests.get(admin[1], timeout=30, proxies={"http": ""})
        assert answer.status_code == 200
        said, _ = process.communicate("\n".join([*DEMAND, "down", ""]), timeout=300)
    print(f"\n{said}")
    assert statuses(said) == [
        *(["1", "off", "sw1:1"], ["2", "off", "sw1:2"]),
        *(["1", "on", "sw1:1"], ["2", "off", "sw1:2"]),
        *(["1", "on", "sw2:7"], ["2", "off", "sw1:1"]),
        *(["1", "on", "unplugged"], ["2", "off", "sw1:1"]),
        *(["1", "off", "unplugged"], ["2", "off", "sw1:1"]),
    ]
    assert "'sw3:1' is no port" in said
    assert "screen.png" in said
    assert "Machine 1 is not deployed." in said
    assert "There is no machine 9; there are 1, 2." in said
    assert said.rstrip().endswith("The rack is down.")
    assert process.returncode == 0


def test_what_a_killed_rack_left_is_cleared_by_the_next_and_ctrl_c_takes_all_down() -> None:
    with console() as process:
        begun(process)
        process.kill()
        process.wait()
    assert f"bearman-{process.pid}-b1" in run("ip", "netns", "list")
    with console() as other:
        assert f"Cleared what the rack {process.pid} had left." in begun(other)
        other.send_signal(signal.SIGINT)
        said, _ = other.communicate(timeout=120)
    assert "The rack is down." in said
    left = run("ip", "netns", "list")
    for pid in (process.pid, other.pid):
        assert f"bearman-{pid}" not in left
