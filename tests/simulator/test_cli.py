"""`python -m simulator`, as people and programs start it."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from simulator.demo.ports import free_udp_port
from simulator.faults import FAULTS
from simulator.registration_faults import REGISTRATION_FAULTS
from tests.simulator.bmc.rig import wait_until
from tests.simulator.peer import Peer, running_peer


@pytest.fixture
def peer() -> Iterator[Peer]:
    with running_peer(free_udp_port()) as peer:
        yield peer


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "simulator", *words]


def run(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command(*words), capture_output=True, text=True, check=False, timeout=60)


def against(peer: Peer) -> list[str]:
    return ["--url", peer.url, "--bmc-port", str(peer.bmc_port), "--light"]


def test_all_as_expected_is_exit_code_0_and_json_has_the_figures(peer: Peer) -> None:
    done = run(*against(peer), "--nodes", "5", "--fault", "lost-bmc=1", "--json")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert (figures["registered"], figures["failed"], figures["unexpected"]) == (4, 1, 0)
    assert figures["register_call"]["p50"] > 0
    assert figures["seconds"] > 0


def test_a_surprise_is_exit_code_1_and_is_named(peer: Peer) -> None:
    done = run("--url", "http://127.0.0.1:9", "--bmc-port", "1", "--nodes", "1", "--timeout", "1")
    assert done.returncode == 1
    assert "expected READY, off; seen not at rest, on" in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    "words",
    [
        ["--nodes", "3"],
        ["--url", "http://127.0.0.1:9", "--fault", "no-such"],
        ["--url", "http://127.0.0.1:9", "--nodes", "1", "--fault", "hangs=2"],
        ["--url", "http://127.0.0.1:9", "--nodes", "x"],
        ["--url", "http://127.0.0.1:9", "--grpc", "127.0.0.1:9"],
        ["--url", "http://127.0.0.1:9", "--deploy", "demo-linux"],
    ],
)
def test_wrong_usage_is_exit_code_2_with_words(words: list[str]) -> None:
    done = run(*words)
    assert done.returncode == 2
    assert "error: " in done.stderr


def test_all_faults_are_listed_with_their_outcomes() -> None:
    done = run("--list-faults")
    assert done.returncode == 0
    for fault in FAULTS.values():
        assert fault.name in done.stdout
        assert (
            str(fault.expected if fault in REGISTRATION_FAULTS else fault.deployed) in done.stdout
        )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_run_ends_its_machines_and_removes_its_folders(
    tmp_path_factory: pytest.TempPathFactory, number: signal.Signals
) -> None:
    folder = tmp_path_factory.mktemp("d")  # a short name, as the machines' socket needs it
    process = subprocess.Popen(
        command("--url", "http://127.0.0.1:9", "--bmc-port", "1", "--nodes", "3"),
        env={"TMPDIR": str(folder), "PATH": "/usr/bin:/bin"},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    wait_until(lambda: any(folder.glob("bearman-fleet-*")), seconds=20)
    process.send_signal(number)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "all machines are off" in said
    assert list(folder.iterdir()) == []
