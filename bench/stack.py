"""A Bearman to measure: a data folder, PostgreSQL and the real processes, all gone at the end."""

import atexit
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

import django
import psutil
from django.core.management import call_command

from bearman.lib import parent, postgres
from bearman.supervisor import python

PROJECT = Path(__file__).resolve().parent.parent
LOOPBACK = "127.0.0.1"
START_SECONDS, STOP_SECONDS = 60.0, 20.0
POLL_SECONDS = 0.1
GRPC_PROCESSES = 2  # as `bearman up` starts them where nothing else is set
LOG_LINES = 20


class StackError(Exception):
    """A process did not start; the words are for people."""


class Stack:
    """A database with Bearman's tables, from `with` to its end, and servers when asked for.

    Inside, Django is set up in this process too, to fill tables and to look into them.
    """

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="bearman-bench-"))
        # At the very end: the embedded PostgreSQL writes into the folder when this process ends.
        atexit.register(shutil.rmtree, self._folder, ignore_errors=True)
        self._log = self._folder / "servers.log"

    def __enter__(self) -> Self:
        try:
            self._prepare()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(Exception):
            postgres.stop(self._folder)

    def _prepare(self) -> None:
        """Start PostgreSQL as Bearman does, and make it everybody's database."""
        for name in [name for name in os.environ if name.startswith(("BEARMAN_", "DJANGO_"))]:
            del os.environ[name]
        os.environ |= {
            "DATABASE_URL": postgres.ensure_running(self._folder),
            "DJANGO_SETTINGS_MODULE": "bearman.settings",
            "BEARMAN_DATA_DIR": str(self._folder),
            "BEARMAN_ENROLMENT_NETWORKS": "127.0.0.0/8",
            "BEARMAN_LOG_LEVEL": "WARNING",
        }
        django.setup()
        call_command("migrate", verbosity=0, interactive=False)
        call_command("collectstatic", verbosity=0, interactive=False)

    def cpu_seconds(self) -> float:
        """Return what this process, all its children and PostgreSQL have used so far.

        Those who ended count once their parent has waited for them.
        """
        postmaster = int((self._folder / "postgres" / "postmaster.pid").read_text().split()[0])
        return _used_by(psutil.Process()) + _used_by(psutil.Process(postmaster))

    @contextmanager
    def grpc(self) -> Iterator[str]:
        """Have gRPC, in as many processes as `bearman up` starts; yield its HOST:PORT."""
        target = f"{LOOPBACK}:{_free_port()}"
        command = python("-m", "bearman", "grpc")
        with self._running([command] * GRPC_PROCESSES, {"BEARMAN_GRPC_BIND": target}) as children:
            self._wait(children, lambda: _listeners(target, children) == GRPC_PROCESSES)
            yield target

    @contextmanager
    def web(self) -> Iterator[str]:
        """Have the web server run as `bearman web` does; yield its HOST:PORT."""
        bind = f"{LOOPBACK}:{_free_port()}"
        with self._running([python("-m", "bearman", "web")], {"BEARMAN_WEB_BIND": bind}) as web:
            self._wait(web, lambda: _is_ready(f"http://{bind}/readyz"))
            yield bind

    @contextmanager
    def _running(
        self, commands: list[list[str]], settings: dict[str, str]
    ) -> Iterator[list[subprocess.Popen[bytes]]]:
        children: list[subprocess.Popen[bytes]] = []
        try:
            with self._log.open("ab") as log:
                for command in commands:
                    children.append(_start(command, settings, log.fileno()))
            yield children
        finally:
            for child in children:
                _stop(child)

    def _wait(self, children: list[subprocess.Popen[bytes]], is_ready: Callable[[], bool]) -> None:
        limit = time.monotonic() + START_SECONDS
        while not is_ready():
            if time.monotonic() > limit or any(child.poll() is not None for child in children):
                last = self._log.read_text("utf-8", "replace").splitlines()[-LOG_LINES:]
                raise StackError("\n".join(["A server did not start:", *last]))
            time.sleep(POLL_SECONDS)


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
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(child.pid, number)
        with suppress(subprocess.TimeoutExpired):
            child.wait(STOP_SECONDS)


def _used_by(process: psutil.Process) -> float:
    used = 0.0
    for member in (process, *process.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            used += sum(member.cpu_times()[:4])  # own and of children waited for, user and system
    return used


def _listeners(target: str, children: list[subprocess.Popen[bytes]]) -> int:
    """Return how many of the processes listen; they share the port, so asking it is no answer."""
    port = int(target.rpartition(":")[2])
    return sum(
        any(c.laddr.port == port for c in psutil.Process(child.pid).net_connections("tcp"))
        for child in children
        if child.poll() is None
    )


def _is_ready(url: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=2.0) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
