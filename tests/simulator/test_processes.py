"""Ending all that a machine runs."""

import signal
import subprocess
import time

from simulator.processes import kill_session, session_members, signal_session
from tests.simulator.bmc.rig import wait_until

# `timeout` makes a process group of its own, and the subshell goes to the background.
TREE = "timeout 100 sleep 100 & (sleep 100 &) ; sleep 100"


def start_tree() -> "subprocess.Popen[bytes]":
    process = subprocess.Popen(["/bin/sh", "-c", TREE], start_new_session=True)
    wait_until(lambda: len(list(session_members(process.pid))) >= 5)
    return process


def test_killing_a_session_reaches_every_process_group_in_it() -> None:
    process = start_tree()
    kill_session(process.pid)
    assert list(session_members(process.pid)) == []
    assert process.wait() == -signal.SIGKILL


def test_a_stopped_session_is_killed_too() -> None:
    process = start_tree()
    assert signal_session(process.pid, signal.SIGSTOP) >= 5
    kill_session(process.pid)
    assert list(session_members(process.pid)) == []
    process.wait()


def test_killing_an_ended_session_returns_at_once() -> None:
    process = subprocess.Popen(["/bin/true"], start_new_session=True)
    process.wait()
    began = time.monotonic()
    kill_session(process.pid)
    assert time.monotonic() - began < 5.0
