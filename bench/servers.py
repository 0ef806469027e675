"""Starts Bearman's own processes for a bench, waits until they answer, and ends them."""

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from bearman.lib import parent
from simulator.interrupt import signals_held

PROJECT = Path(__file__).resolve().parent.parent
START_SECONDS, STOP_SECONDS = 60.0, 20.0
POLL_SECONDS = 0.1
LOG_LINES = 20

Children = list[subprocess.Popen[bytes]]


class StartError(Exception):
    """A process did not start; the words are for people."""


@contextmanager
def running(commands: list[list[str]], settings: dict[str, str], log: Path) -> Iterator[Children]:
    """Have these commands run with `settings` in their environment and their output in `log`."""
    children: Children = []
    try:
        with log.open("ab") as output:
            for command in commands:
                with signals_held():
                    children.append(_start(command, settings, output.fileno()))
        yield children
    finally:
        for child in children:
            _stop(child)


def wait_until(is_ready: Callable[[], bool], children: Children, log: Path) -> None:
    """Wait until that is so; raises StartError with the end of the log if a child ends first."""
    limit = time.monotonic() + START_SECONDS
    while True:
        if time.monotonic() > limit or any(child.poll() is not None for child in children):
            last = log.read_text("utf-8", "replace").splitlines()[-LOG_LINES:]
            raise StartError("\n".join(["A server did not start:", *last]))
        if is_ready():
            return
        time.sleep(POLL_SECONDS)


def all_listen(port: int, children: Children) -> bool:
    """Tell whether all children listen there; since they share the port, asking it is no answer."""
    return all(
        any(one.laddr.port == port for one in psutil.Process(child.pid).net_connections("tcp"))
        for child in children
    )


def answers(url: str) -> bool:
    """Tell whether a GET is answered with 200."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=2.0) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def _start(command: list[str], settings: dict[str, str], log: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        cwd=PROJECT,
        env=parent.environment() | settings,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,  # Ctrl-C reaches us alone
    )


def _stop(child: subprocess.Popen[bytes]) -> None:
    """End the child and its own children: first in words, then by force."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        child.wait(STOP_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
