"""bearman-cli as operators run it, against the real server."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def cli(port: int, token: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run it to its end."""
    process = start(port, token, *arguments)
    out, err = process.communicate(timeout=60)
    return subprocess.CompletedProcess(arguments, process.returncode, out, err)


def start(port: int, token: str, *arguments: str) -> "subprocess.Popen[str]":
    """Start it; the caller waits for its end."""
    environment = {
        "PATH": os.environ["PATH"],
        "BEARMAN_GRPC": f"127.0.0.1:{port}",
        "BEARMAN_TOKEN": token,
    }
    return subprocess.Popen(
        [sys.executable, "-m", "bearman_cli", *arguments],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
