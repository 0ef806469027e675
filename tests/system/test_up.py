"""`bearman up` as a user starts and ends it."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from simulator.demo.ports import free_tcp_ports
from simulator.demo.product import PROJECT, Product, database_pid


def up(data: Path, **settings: str) -> "subprocess.CompletedProcess[str]":
    """Run `bearman up` where it is expected to end by itself."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("BEARMAN_")}
    return subprocess.run(
        [sys.executable, "-m", "bearman", "up"],
        cwd=PROJECT,
        env=plain | {"BEARMAN_DATA_DIR": str(data)} | settings,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_taken_port_is_named_with_the_setting_that_moves_it(tmp_path: Path) -> None:
    settings = ("BEARMAN_WEB_BIND", "BEARMAN_FILES_BIND", "BEARMAN_GRPC_BIND")
    free = [f"127.0.0.1:{port}" for port in free_tcp_ports(3)]
    binds = dict(zip(settings, free, strict=True))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        bind = f"127.0.0.1:{taken.getsockname()[1]}"
        ends = {setting: up(tmp_path, **binds | {setting: bind}) for setting in settings}
    for setting, ended in ends.items():
        assert ended.returncode == 1
        last = ended.stderr.strip().splitlines()[-1]
        assert f"{bind} cannot be had: Address already in use." in last
        assert f"set {setting} to a free HOST:PORT" in last
    assert database_pid(tmp_path) is None


def test_what_is_no_address_is_told(tmp_path: Path) -> None:
    ended = up(tmp_path, BEARMAN_WEB_BIND="8000")
    assert ended.returncode == 1
    assert "BEARMAN_WEB_BIND: '8000' is not HOST:PORT." in ended.stderr


@pytest.mark.parametrize("setting", ["BEARMAN_ENROLMENT_NETWORKS", "BEARMAN_TRUSTED_PROXIES"])
def test_a_network_that_is_none_is_told_in_one_line(tmp_path: Path, setting: str) -> None:
    ended = up(tmp_path, **{setting: "127.0.0.1/8"})
    assert ended.returncode == 1
    assert ended.stderr.splitlines() == [
        f"{setting}: '127.0.0.1/8' is no network. Write 127.0.0.0/8. "
        "docs/configuration.md explains each setting."
    ]


def test_ctrl_c_ends_everything(tmp_path: Path) -> None:
    with Product(tmp_path) as product:
        product.wait_until_ready()
        process = product._up
        assert process
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(30) == 0
        log = product.log.read_text()
        assert "web    | " in log or "grpc-1 | " in log, "each line has its process in front"
        assert log.strip().endswith("Bearman has ended.")
        limit = time.monotonic() + 10
        while database_pid(tmp_path) and time.monotonic() < limit:
            time.sleep(0.1)
        assert database_pid(tmp_path) is None
