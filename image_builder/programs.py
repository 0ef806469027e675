"""Runs other programs: in a session of their own, so that Ctrl-C is ours to handle."""

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence

from image_builder.errors import BuildError, failed
from image_builder.exit_codes import ExitCode

# Programs and the Debian packages that have them.
PACKAGES = {
    "lxd": "lxd",
    "lxc": "lxd-client",
    "dnsmasq": "dnsmasq-base",
    "nft": "nftables",
    "ip": "iproute2",
    "mksquashfs": "squashfs-tools",
    "mmdebstrap": "mmdebstrap",
}
SBIN = ("/usr/local/sbin", "/usr/sbin", "/sbin")


def extend_path() -> None:
    """Have the administrators' programs in PATH, also for a user who has not."""
    parts = os.environ.get("PATH", os.defpath).split(os.pathsep)
    os.environ["PATH"] = os.pathsep.join([*parts, *(each for each in SBIN if each not in parts)])


def require(*names: str) -> None:
    """Raise BuildError unless all these programs are there."""
    missing = [name for name in names if shutil.which(name) is None]
    if missing:
        packages = " ".join(dict.fromkeys(PACKAGES.get(name, name) for name in missing))
        raise BuildError(
            ExitCode.MACHINE,
            f"A build needs {' and '.join(missing)}, which this machine has not.",
            f"`make image-tools` installs them (Debian packages {packages}).",
        )


def run(
    command: Sequence[str],
    doing: str,
    *,
    env: Mapping[str, str] | None = None,
    stdin: int | None = subprocess.DEVNULL,
    timeout: float | None = None,
) -> str:
    """Run it and return its output; raises BuildError that says what it was `doing`."""
    process = subprocess.Popen(
        command,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=env,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        end(process)
        raise failed(f"{doing} did not end within {timeout:.0f} s.", "") from None
    except BaseException:
        end(process)
        raise
    text = output.decode("utf-8", "replace")
    if process.returncode:
        raise failed(f"{doing} failed (exit code {process.returncode}).", text)
    return text


def end(process: subprocess.Popen[bytes], patience: float = 10) -> None:
    """End the program and all that it started in its session; waits for it, seconds at most."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            break
        try:
            process.wait(patience)
            return
        except subprocess.TimeoutExpired:
            continue
    process.wait()
