"""Runs one of the real boot scripts on a simulated machine.

The machine is a folder in the place of "/" (ROOT) and a PATH that begins with stand-ins for the
programs that touch hardware.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from simulator.board import Board
from simulator.processes import kill_session, signal_session

PROJECT = Path(__file__).resolve().parent.parent
BOOT_SCRIPTS = PROJECT / "boot_scripts"
PROGRAMS = Path(__file__).resolve().parent / "programs"
POLL_SECONDS = 0.05
SHUTDOWN_SECONDS = 3.0  # what a script has between `poweroff` or a kexec and its end


class ShellRun:
    """One script with all that it starts. `cut` is set when the power goes."""

    def __init__(self, board: Board, cut: threading.Event, kcs: Path) -> None:
        self._board = board
        self._cut = cut
        self._kcs = kcs
        self._session: int | None = None
        self.going_down = threading.Event()

    @property
    def root(self) -> Path:
        """The folder that stands for "/"."""
        return self._board.folder / "root"

    def run(self, script: Path, settings: dict[str, str], first_path: str = "") -> int | None:
        """Run a script to its end and return its exit code; None if the power went.

        Once `going_down` is set it has three more seconds.
        """
        with (self._board.folder / "console").open("ab") as console:
            process = subprocess.Popen(
                ["/bin/sh", str(script)],
                cwd=self._board.folder,
                env=self._environment(first_path) | settings,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._session = process.pid
        self._wait(process.pid)
        kill_session(process.pid)
        code = process.wait()
        return None if self._cut.is_set() else code

    def freeze(self) -> None:
        """Stop all of its processes where they are."""
        if self._session is not None:
            signal_session(self._session, signal.SIGSTOP)

    def lay_out(self, files: Mapping[str, bytes]) -> None:
        """Make a fresh "/" with what every system finds there, and with `files`."""
        shutil.rmtree(self.root, ignore_errors=True)
        self._write({**_own_files(self._board), **_outputs(self._board), **files})
        for port in self._board.identity.ports:
            device = self.root / "sys/devices/pci0000:00" / port.bus
            device.mkdir(parents=True, exist_ok=True)
            (self.root / "sys/class/net" / port.name / "device").symlink_to(device)
        programs = self._board.folder / "bin"
        if not programs.is_symlink():
            programs.symlink_to(PROGRAMS)

    def print_anew(self) -> None:
        """Let the machine's programs say what is true now."""
        self._write(_outputs(self._board))

    def _write(self, files: Mapping[str, bytes]) -> None:
        for name, content in files.items():
            path = self._board.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    def read(self, name: str) -> str:
        """Text of a file of the machine's folder; empty where there is none."""
        try:
            return (self._board.folder / name).read_text("utf-8", "replace").strip()
        except OSError:
            return ""

    def _wait(self, pid: int) -> None:
        """Until the script has ended (it stays unreaped), is told to, or the power goes."""
        limit = None
        while not self._cut.wait(POLL_SECONDS):
            if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG):
                return
            if self.going_down.is_set() and limit is None:
                limit = time.monotonic() + SHUTDOWN_SECONDS
            if limit is not None and time.monotonic() > limit:
                return

    def _environment(self, first_path: str) -> dict[str, str]:
        """Nothing of the simulator's own environment goes in, least of all an operator's token."""
        folder = self._board.folder
        path = f"{folder}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        return {
            "PATH": f"{first_path}:{path}" if first_path else path,
            "HOME": str(folder),
            "ROOT": str(self.root),
            "SIMULATED_KCS": str(self._kcs),
            "SIMULATED_MACHINE": str(folder),
            "SIMULATED_NUMBER": str(self._board.number),
            "SIMULATED_PYTHON": sys.executable,
            "SIMULATED_PYTHONPATH": str(PROJECT),
        }


def _own_files(board: Board) -> dict[str, bytes]:
    """What the kernel shows of the machine."""
    identity = board.identity
    files = {
        "root/proc/meminfo": board.meminfo(),
        "root/sys/class/dmi/id/sys_vendor": f"{identity.vendor}\n".encode(),
        "root/sys/class/dmi/id/product_name": f"{identity.product}\n".encode(),
        "root/sys/class/dmi/id/product_serial": f"{identity.serial}\n".encode(),
    }
    if board.ca:
        files["root/etc/bearman/ca.pem"] = board.ca
    for port in identity.ports:
        cable = board.cables.get(port.name)
        state = "up" if cable and cable.link else "down"
        files[f"root/sys/class/net/{port.name}/operstate"] = f"{state}\n".encode()
        files[f"root/sys/class/net/{port.name}/carrier"] = b"1\n" if state == "up" else b"0\n"
    return files


def _outputs(board: Board) -> dict[str, bytes]:
    """What its programs print, a file for each."""
    outputs = board.outputs()
    files = {
        "outputs/dmidecode": outputs.dmidecode,
        "outputs/dmidecode-bios": board.bios_output(),
        "outputs/lsblk": outputs.lsblk,
        "outputs/ip-link": outputs.ip_link,
        "outputs/lldp": outputs.lldp,
    }
    files |= {f"outputs/ethtool/{name}": text for name, text in board.ethtool().items()}
    files |= {f"outputs/settings/{name}": text for name, text in board.settings().items()}
    for name, answer in board.modules().items():
        files[f"outputs/module/{name}"] = answer.output.encode()
        files[f"outputs/module-error/{name}"] = answer.complaint.encode()
    for unit in board.identity.disks:
        files[f"outputs/lsblk-of/{unit.name}"] = board.lsblk_output(unit.name)
    return files
