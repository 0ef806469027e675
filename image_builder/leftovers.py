"""Clears away what an LXD of our own leaves on this machine: processes, mounts, a bridge."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

BRIDGE = "bridge"  # file in the folder of a build with the name of its bridge
CGROUPS = Path("/sys/fs/cgroup")
PROC = Path("/proc")


def clear(folder: Path) -> None:
    """End every process of this build's LXD, undo its mounts and its bridge. Never raises."""
    _end_processes(folder)
    _unmount(folder)
    _remove_bridge(folder)
    _remove_cgroups()


def _end_processes(folder: Path) -> None:
    """Containers first: their monitors note it, and LXD has nothing left to hold."""
    for _ in range(50):
        found = set(processes(folder))
        if not found:
            return
        for pid in found:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(0.1)


def processes(folder: Path) -> Iterator[int]:
    """Processes that name the folder, and what runs in its containers; not this one, no zombie."""
    needle = f"{folder}/".encode()
    parents = {}
    ours = []
    for entry in PROC.iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
            words = (entry / "cmdline").read_bytes() + b"\0" + (entry / "environ").read_bytes()
        except (OSError, ValueError):
            continue
        if state == "Z":
            continue
        parents[int(entry.name)] = int(parent)
        if needle in words.replace(b"\0", b"/\0") + b"/":
            ours.append(int(entry.name))
    monitors = {pid for pid in ours if _is_monitor(pid)}
    # A container's first process takes all others of it along.
    yield from (pid for pid, parent in parents.items() if parent in monitors)
    yield from ours


def _is_monitor(pid: int) -> bool:
    try:
        return (PROC / str(pid) / "cmdline").read_bytes().startswith(b"[lxc monitor]")
    except OSError:
        return False


def _unmount(folder: Path) -> None:
    with Path("/proc/self/mounts").open() as file:
        points = [line.split()[1] for line in file]
    for point in reversed(points):
        if point.startswith(f"{folder}/"):
            _quietly("umount", "-l", point)


def _remove_bridge(folder: Path) -> None:
    try:
        name = (folder / BRIDGE).read_text().strip()
    except OSError:
        return
    if name.startswith("bmi") and Path("/sys/class/net", name).exists():
        _quietly("ip", "link", "delete", name)
    if not shutil.which("nft"):
        return
    # A killed LXD leaves the chains of its network, as `fwd.NAME`.
    for chain in chains():
        if chain.partition(".")[2] == name:
            _quietly("nft", "delete", "chain", "inet", "lxd", chain)


def chains() -> list[str]:
    """Chains of LXD's table in the packet filter; empty also where there is no table."""
    text = _quietly("nft", "-j", "list", "table", "inet", "lxd")
    try:
        items = json.loads(text)["nftables"]
    except (ValueError, KeyError):
        return []
    return [item["chain"]["name"] for item in items if "chain" in item]


def _remove_cgroups() -> None:
    """The empty groups that LXD leaves; one that is in use cannot be removed."""
    for pattern in ("lxc.pivot", "lxc.monitor.bearman-*", "lxc.payload.bearman-*"):
        for folder in (*CGROUPS.glob(pattern), *CGROUPS.glob(f"*/{pattern}")):
            _remove_tree(folder)


def _remove_tree(folder: Path) -> None:
    for each, _, _ in os.walk(folder, topdown=False):
        try:
            Path(each).rmdir()
        except OSError:
            return


def _quietly(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    return done.stdout.decode("utf-8", "replace")
