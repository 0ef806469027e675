"""Servers that a bench starts, when it is interrupted in that very moment."""

import signal
import subprocess
import sys
from pathlib import Path

from bench.servers import PROJECT

SCRIPT = """
import os, signal, subprocess, sys
from pathlib import Path
from bench import servers
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
started = servers._start
def start(*arguments):
    child = started(*arguments)
    print(child.pid, flush=True)
    os.kill(os.getpid(), signal.SIGTERM)
    return child
servers._start = start
with servers.running([["sleep", "60"]], {}, Path(sys.argv[1])):
    print("goes on", flush=True)
"""


def test_a_server_whose_start_is_interrupted_is_ended(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "log")],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 128 + signal.SIGTERM, done.stderr
    (pid,) = done.stdout.split()
    assert not Path("/proc", pid).exists()
