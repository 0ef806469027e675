"""Stage one of a simulated machine: the real autorun and register.sh, with the real bearman-cli.

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
from collections.abc import Sequence
from pathlib import Path

from simulator import faults
from simulator.board import Board, Ending
from simulator.faults import Outcome, Trick
from simulator.ipmitool import Answer, ipmitool
from simulator.processes import kill_session, signal_session

PROJECT = Path(__file__).resolve().parent.parent
AUTORUN = PROJECT / "boot_scripts" / "autorun"
PROGRAMS = Path(__file__).resolve().parent / "programs"
QUARANTINED_CODE = 7  # bearman-cli's exit code, which the scripts pass on
POLL_SECONDS = 0.05
SHUTDOWN_SECONDS = 3.0  # what a script has between `poweroff` and the end of its processes
PATIENCE_WITHOUT_NETWORK = 5  # seconds; a machine that waits half an hour shows nothing more
CLOSED_URL = "http://127.0.0.1:9"  # discard (RFC 863): nobody listens there


class ShellStageOne:
    """One boot of stage one. `cut` is set when the power goes."""

    def __init__(self, board: Board, cut: threading.Event, kcs: Path, *, first_boot: bool) -> None:
        self._board = board
        self._cut = cut
        self._kcs = kcs
        self._first_boot = first_boot
        self._session: int | None = None
        self._going_down = threading.Event()
        self._frozen = threading.Event()

    @property
    def frozen(self) -> bool:
        """Whether the machine stands still for ever."""
        return self._frozen.is_set()

    def run(self, arguments: str) -> Ending | None:
        """Run autorun with this kernel command line; None if the power went."""
        self._prepare(arguments)
        with (self._board.folder / "console").open("wb") as console:
            process = subprocess.Popen(
                ["/bin/sh", str(AUTORUN)],
                cwd=self._board.folder,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._session = process.pid
        self._wait(process.pid)
        kill_session(process.pid)
        code = process.wait()
        return None if self._cut.is_set() else self._ending(code)

    def answer(self, program: str, arguments: Sequence[str]) -> Answer | None:
        """Answer a program of this machine that speaks to the BMC; None for one cut off."""
        if program == "poweroff":
            if self._board.trick is not Trick.STAYS_ON:
                self._going_down.set()
            return Answer(0)
        if self._board.trick is Trick.FREEZES:
            self._freeze()
            return None
        if self._board.trick is Trick.LOSES_POWER and self._first_boot:
            self._cut.set()
            return None
        return ipmitool(self._board.bmc, arguments)

    def _freeze(self) -> None:
        if self._session is not None:
            signal_session(self._session, signal.SIGSTOP)
        self._frozen.set()

    def _wait(self, pid: int) -> None:
        """Until the script has ended (it stays unreaped), is told to, or the power goes."""
        limit = None
        while not self._cut.wait(POLL_SECONDS):
            if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG):
                return
            if self._going_down.is_set() and limit is None:
                limit = time.monotonic() + SHUTDOWN_SECONDS
            if limit is not None and time.monotonic() > limit:
                return

    def _ending(self, code: int) -> Ending:
        lit = not self._going_down.is_set()
        node_id = self._read("root/run/bearman/node/node_id")
        words = "it did not switch off" if lit else ""
        return Ending(
            outcome=Outcome(_status(code, node_id, lit), lit),
            words=self._read("root/run/bearman/reason") if code else words,
            node_id=node_id,
            register_seconds=self._register_seconds(),
        )

    def _prepare(self, arguments: str) -> None:
        """Lay out what stage one finds at its start; nothing is left of an earlier boot."""
        folder, identity = self._board.folder, self._board.identity
        shutil.rmtree(folder, ignore_errors=True)
        outputs = self._board.outputs()
        files: dict[str, bytes] = {
            "root/proc/cmdline": f"{arguments}\n".encode(),
            "root/sys/class/dmi/id/sys_vendor": f"{identity.vendor}\n".encode(),
            "root/sys/class/dmi/id/product_name": f"{identity.product}\n".encode(),
            "root/sys/class/dmi/id/product_serial": f"{identity.serial}\n".encode(),
            "outputs/dmidecode": outputs.dmidecode,
            "outputs/lsblk": outputs.lsblk,
            "outputs/ip-link": outputs.ip_link,
        }
        for name, text in self._board.ethtool().items():
            files[f"outputs/ethtool/{name}"] = text
            files[f"root/sys/class/net/{name}/device/uevent"] = b""
            files[f"root/sys/class/net/{name}/operstate"] = b"up\n"
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        (folder / "bin").symlink_to(PROGRAMS)

    def _environment(self) -> dict[str, str]:
        """Nothing of the simulator's own environment goes in, least of all an operator's token."""
        folder = self._board.folder
        environment = {
            "PATH": f"{folder}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": str(folder),
            "ROOT": f"{folder}/root",
            "SIMULATED_KCS": str(self._kcs),
            "SIMULATED_MACHINE": str(folder),
            "SIMULATED_NUMBER": str(self._board.number),
            "SIMULATED_PYTHON": sys.executable,
            "SIMULATED_PYTHONPATH": str(PROJECT),
        }
        if self._board.trick is Trick.LOSES_NETWORK:
            environment["BEARMAN_URL"] = CLOSED_URL
            environment["BEARMAN_PATIENCE"] = str(PATIENCE_WITHOUT_NETWORK)
        return environment

    def _read(self, name: str) -> str:
        try:
            return (self._board.folder / name).read_text("utf-8", "replace").strip()
        except OSError:
            return ""

    def _register_seconds(self) -> float | None:
        began, ended = (self._board.folder / f"register-{when}" for when in ("began", "ended"))
        if not ended.exists():
            return None
        return ended.stat().st_mtime - began.stat().st_mtime


def _status(code: int, node_id: str, lit: bool) -> str:
    """Bearman's status for the machine, as far as the machine itself can know."""
    if code == QUARANTINED_CODE:
        return faults.QUARANTINED
    if not node_id:
        return faults.UNREGISTERED
    return faults.READY if code == 0 or not lit else faults.REGISTER_FAILED
