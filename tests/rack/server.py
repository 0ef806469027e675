"""Bearman itself, in the rack's namespace: `bearman up` and its management commands."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress

from simulator.demo.product import PROJECT, database_pid
from tests.rack import images
from tests.rack.children import Children
from tests.rack.layout import FILES_PORT, GRPC_PORT, SERVER, WEB_PORT, Layout
from tests.rack.shell import RackError, inside, run

USER = "admin"
START_SECONDS = 120
STOP_SECONDS = 20


class Server:
    """A whole Bearman at the address that machines boot from."""

    def __init__(self, layout: Layout, children: Children, settings: Mapping[str, str]) -> None:
        self._layout = layout
        self._children = children
        self.data = layout.folder / "data"
        self.password = secrets.token_urlsafe(9)
        self.token = ""
        address = str(SERVER.ip)
        self.environment = _plain_environment() | {
            "BEARMAN_DATA_DIR": str(self.data),
            "BEARMAN_WEB_BIND": f"{address}:{WEB_PORT}",
            "BEARMAN_FILES_BIND": f"{address}:{FILES_PORT}",
            "BEARMAN_GRPC_BIND": f"{address}:{GRPC_PORT}",
            "BEARMAN_PUBLIC_URL": layout.url,
            "BEARMAN_WEB_PROCESSES": "1",
            "BEARMAN_GRPC_PROCESSES": "1",
            "BEARMAN_ENROLMENT_NETWORKS": str(SERVER.network),
            "BEARMAN_RECONCILE_SECONDS": "2",
            "DJANGO_SUPERUSER_USERNAME": USER,
            "DJANGO_SUPERUSER_EMAIL": "admin@example.org",
            "DJANGO_SUPERUSER_PASSWORD": self.password,
            **settings,
        }

    def start(self) -> None:
        """Start it and wait until it answers; raises RackError."""
        self.data.mkdir(parents=True, exist_ok=True)
        self._trust()
        words = inside(self._layout.namespace, *_bearman("up"))
        up = self._children.start("bearman", words, folder=PROJECT, environment=self.environment)
        limit = time.monotonic() + START_SECONDS
        while not self._answers():
            if up.poll() is not None or time.monotonic() > limit:
                said = self._children.last_words("bearman")
                raise RackError(f"Bearman did not start; the end of what it said:\n{said}")
            time.sleep(0.3)

    def kill(self) -> None:
        """Kill all its processes at once, as a failing computer would; its database as well."""
        pid = database_pid(self.data)
        self._children.end("bearman")
        if pid:
            with suppress(OSError):
                os.kill(pid, signal.SIGINT)  # fast shutdown: PostgreSQL 18 section 18.5
        limit = time.monotonic() + STOP_SECONDS
        while database_pid(self.data) and time.monotonic() < limit:
            time.sleep(0.1)

    def stop(self) -> None:
        """End it and its database, if it runs."""
        if self._children.runs("bearman"):
            self.kill()

    def command(self, *words: str) -> str:
        """Run a management command; raises RackError."""
        there = inside(self._layout.namespace, *_bearman(*words))
        done = subprocess.run(
            there,
            cwd=PROJECT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RackError(f"`bearman {words[0]}` failed: {done.stderr.strip()}")
        return done.stdout

    def _trust(self) -> None:
        folder = self.data / "image-keys"
        folder.mkdir(exist_ok=True)
        for key in images.public_keys():
            shutil.copy(key, folder)

    def _answers(self) -> bool:
        there = ("curl", "--silent", "--fail", "--noproxy", "*", "--max-time", "2")
        words = inside(self._layout.namespace, *there, f"{self._layout.url}/readyz")
        with suppress(RackError):
            run(*words)
            return True
        return False


def _bearman(*words: str) -> list[str]:
    return [sys.executable, "-m", "bearman", *words]


def _plain_environment() -> dict[str, str]:
    """Ours without what somebody set for another Bearman, and without proxies."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("BEARMAN_", "DJANGO_"))
        and name != "DATABASE_URL"
        and not name.lower().endswith("_proxy")
    }
