"""What LXD changes on this machine: remembered before the first build, put back after the last."""

import fcntl
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from image_builder import leftovers

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


def remember() -> None:
    """Keep what is now, unless a build that still goes on did so. Call it locked."""
    if not STATE.exists():
        values = {
            name: _sysctl(name).read_text().strip() for name in SYSCTLS if _sysctl(name).exists()
        }
        STATE.write_text(json.dumps({"sysctl": values, "table": _table_exists()}))


def restore() -> None:
    """Put back what was, after the last build. Call it locked."""
    try:
        state = json.loads(STATE.read_text())
    except (OSError, ValueError):
        return
    for name, value in state["sysctl"].items():
        if _sysctl(name).read_text().strip() != value:
            _sysctl(name).write_text(value)
    if not state["table"] and _table_exists() and not leftovers.chains():
        subprocess.run(["nft", "delete", "table", "inet", "lxd"], check=False, capture_output=True)
    STATE.unlink(missing_ok=True)


def _sysctl(name: str) -> Path:
    return Path("/proc/sys", name)


def _table_exists() -> bool:
    command = ["nft", "list", "table", "inet", "lxd"]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0
