"""The peer server, and a way to run the program as its users do."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from simulator.demo.ports import free_tcp_ports
from tests.bearman_cli.peer import Script, serve

ROOT = Path(__file__).resolve().parents[2]
UUID = "4c4c4544-0042-3510-8052-b4c04f333232"
TOKEN = "boot-token.0123456789"


@dataclass
class Program:
    """bearman-cli in an environment of its own."""

    environment: dict[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = (sys.executable, "-m", "bearman_cli")

    def run(
        self, *arguments: str, stdin: bytes | None = None, timeout: float = 60, **more: str
    ) -> "Outcome":
        """Run to the end; `more` are further environment variables, an empty one is left out."""
        done = subprocess.run(
            [*self.command, *arguments],
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            env=self.variables(**more),
            timeout=timeout,
            check=False,
        )
        return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())

    def start(
        self, *arguments: str, stdout: int = subprocess.PIPE, **more: str
    ) -> "subprocess.Popen[bytes]":
        """Start without waiting; the caller ends it."""
        return subprocess.Popen(
            [*self.command, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            env=self.variables(**more),
        )

    def start_at(self, terminal: int, *arguments: str) -> "subprocess.Popen[bytes]":
        """Start with a terminal as stdin; the caller ends it."""
        return subprocess.Popen(
            [*self.command, *arguments],
            stdin=terminal,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.variables(),
        )

    def variables(self, **more: str) -> dict[str, str]:
        """Nothing of the environment of the tests but where programs are."""
        all_of_them = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "TZ": "UTC"}
        all_of_them |= self.environment | more
        return {name: value for name, value in all_of_them.items() if value}


@dataclass(frozen=True)
class Outcome:
    """How a run ended."""

    code: int
    out: str
    err: str

    def __post_init__(self) -> None:
        assert "Traceback" not in self.err, self.err


@pytest.fixture
def script() -> Script:
    """What the peer answers."""
    return Script()


@pytest.fixture
def port(script: Script) -> Iterator[int]:
    """The port of a running peer."""
    server, port = serve(script)
    yield port
    server.stop(None).wait()


@pytest.fixture
def program(port: int, tmp_path: Path) -> Program:
    """The program, told of the peer, with a token and an empty home."""
    home = tmp_path / "home"
    home.mkdir()
    return Program(
        {
            "HOME": str(home),
            "BEARMAN_GRPC": f"127.0.0.1:{port}",
            "BEARMAN_TOKEN": TOKEN,
            "BEARMAN_UUID": UUID,
        }
    )


@pytest.fixture
def lonely_program(program: Program) -> Program:
    """The program, told of a port where nobody listens."""
    program.environment["BEARMAN_GRPC"] = f"127.0.0.1:{free_tcp_ports(1)[0]}"
    return program
