"""An LXD of our own in a private folder: started, set up with a bridge, and ended."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from image_builder import host, leftovers, programs, signals, subnet, workspace
from image_builder.errors import BuildError
from image_builder.exit_codes import ExitCode
from image_builder.workspace import Workspace

PATIENCE = 60  # seconds for LXD to be ready
PRESEED = """
config: {{}}
storage_pools:
- name: default
  driver: dir
networks:
- name: {bridge}
  type: bridge
  config:
    ipv4.address: {address}/{length}
    ipv4.nat: "true"
    ipv6.address: none
    bridge.mtu: "{mtu}"
profiles:
- name: default
  devices:
    root: {{type: disk, path: /, pool: default}}
    eth0: {{type: nic, name: eth0, network: {bridge}}}
"""


@contextmanager
def running(work: Workspace) -> Iterator[Path]:
    """Start LXD; yields its socket. Everything is as before in the end, also after a failure."""
    work.lxd.mkdir(mode=0o711)
    env = {**os.environ, "LXD_DIR": str(work.lxd)}
    process: subprocess.Popen[bytes] | None = None
    try:
        with host.locked():
            host.remember(work.folder)
            process = _start(work, env)
            _set_up(work, env, process)
        yield work.lxd / "unix.socket"
    finally:
        with signals.shielded():
            if not (work.folder / workspace.KEPT).exists():
                _end(work, env, process)


def _end(work: Workspace, env: dict[str, str], process: subprocess.Popen[bytes] | None) -> None:
    if process is not None:
        _stop(env, process)
    leftovers.clear(work.folder)
    with host.locked():
        host.restore(work.folder)


def require() -> None:
    """Raise BuildError unless this machine can have an LXD of our own."""
    if os.geteuid() != 0:
        raise BuildError(
            ExitCode.MACHINE,
            "Only root can start LXD.",
            "Run it with sudo, or use an LXD that runs already, with --lxd-socket.",
        )
    programs.require("lxd", "lxc", "dnsmasq", "nft", "ip", "mksquashfs")


def _start(work: Workspace, env: dict[str, str]) -> subprocess.Popen[bytes]:
    log = work.folder / "lxd.log"
    process = subprocess.Popen(
        ["lxd", "--group", "root", "--logfile", str(log)],
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        programs.run(["lxd", "waitready", f"--timeout={PATIENCE}"], "Starting LXD", env=env)
    except BuildError as error:
        _stop(env, process)
        text = log.read_text("utf-8", "replace") if log.exists() else ""
        raise BuildError(
            ExitCode.MACHINE,
            "LXD does not start.",
            "Its log may say why; or use an LXD that is set up already, with --lxd-socket.",
            log=text or error.log,
        ) from None
    return process


def _set_up(work: Workspace, env: dict[str, str], process: subprocess.Popen[bytes]) -> None:
    """Give LXD a pool and a bridge whose name and addresses nothing else has."""
    network = subnet.free()
    bridge = subnet.bridge_name()
    (work.folder / leftovers.BRIDGE).write_text(bridge)
    preseed = work.folder / "preseed.yml"
    preseed.write_text(
        PRESEED.format(
            bridge=bridge, address=network[1], length=network.prefixlen, mtu=subnet.mtu()
        )
    )
    try:
        with preseed.open("rb") as file:
            programs.run(
                ["lxd", "init", "--preseed"], "Setting LXD up", env=env, stdin=file.fileno()
            )
    except BaseException:
        _stop(env, process)
        raise


def _stop(env: dict[str, str], process: subprocess.Popen[bytes]) -> None:
    """Ask LXD to end, with its containers and its bridge; then insist. Never raises."""
    try:
        programs.run(["lxd", "shutdown", "--timeout=20"], "Ending LXD", env=env, timeout=30)
        process.wait(10)
    except (BuildError, subprocess.TimeoutExpired):
        programs.end(process)
