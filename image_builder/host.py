"""What LXD changes on this machine: remembered before the first build, put back after the last."""

import fcntl
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from image_builder import leftovers, workspace

# In /run, so that a restart of the machine, which puts everything back, forgets it.
STATE = Path("/run/bearman-image-host.json")
LOCK = Path("/run/bearman-image-host.lock")
SYSCTLS = (
    "net/ipv4/ip_forward",
    "net/ipv6/conf/all/forwarding",
    "net/ipv6/conf/default/forwarding",
)


@contextmanager
def locked() -> Iterator[None]:
    """One build at a time chooses a subnet, starts and remembers, or puts back."""
    descriptor = os.open(LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def remember(folder: Path) -> None:
    """Keep what is now, unless a build that still goes on did so. Call it locked."""
    state = _state()
    if state is None:
        paths = {name: _sysctl(name) for name in SYSCTLS}
        values = {name: path.read_text().strip() for name, path in paths.items() if path.exists()}
        state = {"sysctl": values, "table": _table_exists(), "folders": []}
    state["folders"] = [*state["folders"], str(folder)]
    _keep(state)


def restore(folder: Path | None = None) -> None:
    """Put back what was, if this build was the last. Call it locked."""
    state = _state()
    if state is None:
        return
    others = [each for each in state["folders"] if each != str(folder)]
    state["folders"] = [each for each in others if workspace.is_alive(Path(each))]
    if state["folders"]:
        _keep(state)
        return
    for name, value in state["sysctl"].items():
        if _sysctl(name).read_text().strip() != value:
            _sysctl(name).write_text(value)
    if not state["table"] and _table_exists() and not leftovers.chains():
        subprocess.run(["nft", "delete", "table", "inet", "lxd"], check=False, capture_output=True)
    STATE.unlink(missing_ok=True)


def _state() -> dict[str, Any] | None:
    try:
        state: dict[str, Any] = json.loads(STATE.read_text())
    except (OSError, ValueError):
        return None
    return state if {"sysctl", "table", "folders"} <= state.keys() else None


def _keep(state: dict[str, Any]) -> None:
    """Write it whole or not at all."""
    part = STATE.with_suffix(".part")
    part.write_text(json.dumps(state))
    part.replace(STATE)


def _sysctl(name: str) -> Path:
    return Path("/proc/sys", name)


def _table_exists() -> bool:
    command = ["nft", "list", "table", "inet", "lxd"]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0
