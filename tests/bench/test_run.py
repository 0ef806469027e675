"""Each bench, run as a user runs it with a few operations, and ended in the middle."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

PROJECT = Path(__file__).resolve().parents[2]
RUN_SECONDS = 400  # on a busy computer
MEASURES = {
    "register": ["empty RPC", "register, 20 nodes", "register, 40 nodes"],
    "wiring": [
        "empty RPC",
        *("cables as planned, 20 nodes", "cables swapped, 20 nodes"),
        *("cables as planned, 40 nodes", "cables swapped, 40 nodes"),
    ],
    "allocate": ["bare INSERT", "allocate", "empty RPC", "allocate over gRPC"],
    "ipxe": [
        *("/healthz, kept connections", "/ipxe, kept connections"),
        *("/healthz, new connections", "/ipxe, new connections"),
    ],
    "nodelist": [
        "/healthz",
        *("bare SELECT, 20 nodes", "list, 20 nodes", "search, 20 nodes", "filter, 20 nodes"),
        *("bare SELECT, 40 nodes", "list, 40 nodes", "search, 40 nodes", "filter, 40 nodes"),
    ],
    "storm": [
        *("/healthz", "/profile", "/detail", "/installed", "/seed"),
        *("/ipxe, machines in use", "/ipxe, machines that register"),
    ],
    "deploy": ["register, 3 machines", "deploy, 3 machines"],
    "power": [
        *(("ipmipower, 8 BMCs", "ipmipower, 8 BMCs, 50 ms") if shutil.which("ipmipower") else ()),
        *("power on, 8 BMCs", "power on, 8 BMCs, 50 ms"),
    ],
}


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short name, since sockets are made below it."""
    with TemporaryDirectory(prefix="bm") as name:
        yield Path(name)


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """A bench with `folder` for its temporary files, in a session of its own."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("BEARMAN_")}
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "bench", *arguments],
        cwd=PROJECT,
        env=environment | {"TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def left_behind(folder: Path) -> list[str]:
    """Processes that were started with `folder` for their temporary files."""
    mark, found = f"TMPDIR={folder}\0".encode(), []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdecimal() and mark in (entry / "environ").read_bytes() + b"\0":
                found.append((entry / "cmdline").read_bytes().decode())
        except OSError:
            continue
    return found


def check(measure: dict[str, Any], names: list[str]) -> None:
    assert measure["operations"] > 0
    assert 0 < measure["median_ms"] <= measure["p99_ms"]
    assert measure["rate"] == max(measure["runs"]) > 0
    assert measure["cpu_ms"] >= 0
    assert measure["bare"] in ("", *names)
    assert measure["max_ms"] == 0 or measure["max_ms"] >= measure["p99_ms"]
    assert (measure["ratio"] is not None) == bool(measure["bare"])
    assert (measure["met"] is not None) == bool(measure["aim"])


@pytest.fixture(scope="module")
def whole_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    """What all benches together print, and their JSON."""
    result = tmp_path_factory.mktemp("bench") / "result.json"
    with TemporaryDirectory(prefix="bm") as name:
        running = start(Path(name), "--quick", "--json", str(result))
        output, _ = running.communicate(timeout=RUN_SECONDS)
        assert running.returncode == 0, output
        assert list(Path(name).iterdir()) == []
        assert left_behind(Path(name)) == []
    return output, json.loads(result.read_text())


@pytest.mark.timeout(RUN_SECONDS + 30)
def test_the_benches_say_on_which_machine_they_ran(whole_run: tuple[str, dict[str, Any]]) -> None:
    machine = whole_run[1]["machine"]
    assert machine["cores"] >= 1
    assert machine["memory_bytes"] > 2**20
    assert {"python", "django", "granian", "grpcio"} <= set(machine["versions"])
    assert [bench["bench"] for bench in whole_run[1]["results"]] == list(MEASURES)


@pytest.mark.timeout(RUN_SECONDS + 30)
@pytest.mark.parametrize("name", MEASURES)
def test_a_bench_measures_beside_a_bare_measure(
    name: str, whole_run: tuple[str, dict[str, Any]]
) -> None:
    output, found = whole_run
    (measures,) = (bench["measures"] for bench in found["results"] if bench["bench"] == name)
    assert [measure["name"] for measure in measures] == MEASURES[name]
    for measure in measures:
        check(measure, MEASURES[name])
        assert measure["name"] in output
    assert any(measure["aim"] for measure in measures)


@pytest.mark.timeout(RUN_SECONDS + 30)
@pytest.mark.parametrize("page", ["list", "search", "filter"])
def test_the_list_of_nodes_takes_as_many_queries_for_more_nodes(
    page: str, whole_run: tuple[str, dict[str, Any]]
) -> None:
    (found,) = (b["measures"] for b in whole_run[1]["results"] if b["bench"] == "nodelist")
    measures = {measure["name"]: measure for measure in found}
    few, more = (measures[f"{page}, {nodes} nodes"]["queries"] for nodes in (20, 40))
    assert few == more > 0


@pytest.mark.timeout(RUN_SECONDS + 30)
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_bench_ends_what_it_started(
    number: signal.Signals, code: int, folder: Path
) -> None:
    running = start(folder, "register")
    assert running.stdout is not None
    assert "Measuring register" in running.stdout.readline()
    limit = time.monotonic() + RUN_SECONDS / 2
    while not any("bearman\0grpc" in command for command in left_behind(folder)):
        assert time.monotonic() < limit, "no server was started"
        time.sleep(0.2)
    running.send_signal(number)
    output, _ = running.communicate(timeout=RUN_SECONDS)
    assert running.returncode == code, output
    assert list(folder.iterdir()) == []
    assert left_behind(folder) == []


def test_an_unknown_name_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "regsiter"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "invalid choice: 'regsiter'" in done.stderr
