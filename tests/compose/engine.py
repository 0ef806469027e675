"""A Docker engine of the tests' own, in a network of its own; no other engine is touched."""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Self

START_SECONDS, STOP_SECONDS = 60.0, 60.0
BRIDGE = "198.18.200.1/24"  # RFC 2544: for tests; nothing outside sees it
ADDRESS = "198.18.100.1"  # of the machine that Bearman runs on, for clients
BMCS = "198.18.64.0/24"  # addresses that the host of the simulated BMCs has


# What the last words are where a computer lets nobody's dockerd run: a container without rights,
# a kernel without bridges, overlays or cgroups. All else is a dockerd that is broken.
_NOT_HERE = re.compile(
    r"operation not (permitted|supported)|read-only file system"
    r"|cgroups?\b.*(isn't|not) mounted|cgroup mountpoint does not exist"
    r"|overlay.*(no such device|not supported)|driver not supported|can't initialize iptables",
    re.IGNORECASE,
)


class NoEngine(Exception):
    """This computer lets no dockerd run; the reason in words."""


def refusal(said: str, *, ended: bool) -> Exception:
    """Return what to raise for a dockerd that does not answer: its log, and whether it ended."""
    last = "".join(said.strip().splitlines()[-1:])
    if ended and _NOT_HERE.search(last):
        return NoEngine(f"this computer lets no dockerd run: {last[-300:]}")
    words = "ended at once" if ended else f"does not answer after {START_SECONDS:g} s"
    return RuntimeError(f"dockerd is installed and {words}:\n{said[-3000:]}")


class Engine:
    """dockerd from `with` to its end, without iptables, in namespaces without a way out."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._socket = f"unix://{folder / 'docker.sock'}"
        self._log = folder / "dockerd.log"
        self._daemon: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._log.open("wb") as log:
            self._daemon = subprocess.Popen(
                [
                    "unshare",
                    "--net",
                    "--mount",
                    "sh",
                    "-euc",
                    _BEGIN,
                    "sh",
                    BRIDGE,
                    str(self.folder),
                ],
                env=os.environ | {"PATH": _path()},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._await()
        return self

    def __exit__(self, *_: object) -> None:
        daemon = self._daemon
        assert daemon is not None
        for container in self.docker("ps", "-q", check=False).split():
            self.docker("kill", container, check=False)
        daemon.send_signal(signal.SIGTERM)
        try:
            daemon.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def environment(self) -> dict[str, str]:
        """For programs that ask this engine; nothing that somebody set for another Bearman."""
        ours = {k: v for k, v in os.environ.items() if not k.startswith(("BEARMAN_", "COMPOSE_"))}
        ours.pop("DATABASE_URL", None)
        return ours | {"DOCKER_HOST": self._socket, "PATH": _path(), "DOCKER_BUILDKIT": "0"}

    def docker(self, *arguments: str, check: bool = True) -> str:
        """Run `docker ARGUMENTS`; returns what it prints."""
        return run(["docker", *arguments], self.environment, check=check)

    def inside(self, command: Sequence[str]) -> list[str]:
        """The command line that runs a program in the engine's network."""
        assert self._daemon is not None
        return ["nsenter", "--net", "--target", str(self._daemon.pid), "--", *command]

    def start(
        self, command: Sequence[str], environment: Mapping[str, str], out: IO[bytes] | int
    ) -> subprocess.Popen[bytes]:
        """Start a program in the engine's network."""
        return subprocess.Popen(
            self.inside(command),
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )

    def call(self, *command: str) -> str:
        """Run a program in the engine's network; returns what it prints."""
        return run(self.inside(command), self.environment)

    def _await(self) -> None:
        limit = time.monotonic() + START_SECONDS
        while not self.docker("version", "--format", "{{.Server.Version}}", check=False).strip():
            assert self._daemon is not None
            ended = self._daemon.poll() is not None
            if ended or time.monotonic() > limit:
                said = self._log.read_text(errors="replace")
                self.__exit__()
                raise refusal(said, ended=ended)
            time.sleep(0.3)


# Addresses for clients and BMCs; `local` makes a whole network this machine's own.
_BEGIN = f"""
ip link set lo up
ip address add {ADDRESS}/32 dev lo
ip route add local {BMCS} dev lo
exec dockerd --iptables=false --ip6tables=false --bip "$1" --data-root "$2/data" \
    --exec-root "$2/exec" --pidfile "$2/docker.pid" --host "unix://$2/docker.sock"
"""


def run(command: Sequence[str], environment: Mapping[str, str], *, check: bool = True) -> str:
    """Run a command and return its output; where it fails, both outputs are in the error."""
    done = subprocess.run(
        command,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if check and done.returncode:
        words = f"{' '.join(command)} ended with {done.returncode}"
        raise RuntimeError(f"{words}:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    return done.stdout


def _path() -> str:
    """Debian's own docker comes first: its client builds without plugins."""
    return f"/usr/bin:/usr/sbin:{os.environ['PATH']}"
