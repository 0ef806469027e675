"""Stage two of a simulated machine: the real bearman-install, with the profile's own script."""

import threading
from pathlib import Path

from simulator import fault as faults
from simulator import newc
from simulator.board import Board, Ending
from simulator.fault import Outcome, Trick
from simulator.seed import Seed
from simulator.shell_run import BOOT_SCRIPTS, ShellRun

# Where the initramfs puts what Bearman's piece of it holds.
PLACES = {
    "bearman/nocloud/": "root/var/lib/cloud/seed/nocloud/",
    "bearman/": "root/run/bearman-seed/",
}


class ShellSystem:
    """One boot of a system that runs from memory. `cut` is set when the power goes."""

    def __init__(self, board: Board, cut: threading.Event, kcs: Path) -> None:
        self._board = board
        self._shell = ShellRun(board, cut, kcs)

    def run(self, arguments: str, seed: Seed) -> Ending | None:
        """Run bearman-install with this kernel command line; None if the power went."""
        files = {"root/proc/cmdline": f"{arguments}\n".encode(), **_unpacked(seed)}
        if self._board.trick is Trick.SCRIPT_FAILS:
            # No file system can be made on the disk, and nothing can be written it must below /etc.
            files |= {"broken-disk": b"", "root/etc/hostname/full": b"", "root/etc/systemd": b""}
        self._shell.lay_out(files)
        self._shell.root.joinpath("run/bearman-seed").chmod(0o700)
        code = self._shell.run(BOOT_SCRIPTS / "bearman-install", {})
        if code is None:
            return None
        status = faults.UNRECOVERABLE_ERROR if code else faults.INSTALLED
        words = self._shell.read("root/run/bearman/reason") if code else ""
        return Ending(Outcome(status, lit=True), words)


def _unpacked(seed: Seed) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for below, place in reversed(PLACES.items()):
        for name, entry in newc.files(seed.files, below).items():
            found[place + name] = entry.content
    return found
