"""Stage one of a simulated machine: the real autorun, and the script that is due, in shells."""

import shutil
import threading
from collections.abc import Sequence
from pathlib import Path

from simulator import fault as faults
from simulator.board import Board, Ending, Kexec, Restart
from simulator.fault import Outcome, Trick
from simulator.flashing import run_tool
from simulator.ipmitool import Answer, ipmitool
from simulator.shell_run import BOOT_SCRIPTS, PROGRAMS, ShellRun

QUARANTINED_CODE = 7  # bearman-cli's exit code, which the scripts pass on
LLDP_SECONDS = "0"  # a switch of the simulator has said who it is before a machine starts
PATIENCE_WITHOUT_NETWORK = 5  # seconds; a machine that waits half an hour shows nothing more
CLOSED_URL = "http://127.0.0.1:9"  # discard (RFC 863): nobody listens there
IMAGE_KEY = "root/etc/bearman/image-keys/image-key.pub.pem"
NODE_ID = "root/run/bearman/node/node_id"
KEXEC_SCRIPT = "kexec.sh"
# Folders of programs that come first on the PATH of such a machine.
FIRST_PROGRAMS = {
    Trick.DAMAGED_DOWNLOADS: "damaging",
    Trick.UNSIGNED_IMAGE: "unsigned",
    Trick.TAMPERED_MANIFEST: "tampering",
}


class ShellStageOne:
    """One boot of stage one. `cut` is set when the power goes."""

    def __init__(
        self,
        board: Board,
        cut: threading.Event,
        kcs: Path,
        *,
        first_boot: bool,
        image_key: bytes = b"",
    ) -> None:
        self._board = board
        self._image_key = image_key
        self._cut = cut
        self._first_boot = first_boot
        self._shell = ShellRun(board, cut, kcs)
        self._frozen = threading.Event()
        self._loaded: Kexec | None = None
        self._jumped = False
        self._restarts = False

    @property
    def frozen(self) -> bool:
        """Whether the machine stands still for ever."""
        return self._frozen.is_set()

    def run(self, arguments: str) -> Ending | Kexec | Restart | None:
        """Run autorun with this kernel command line; None if the power went."""
        shutil.rmtree(self._board.folder, ignore_errors=True)
        files = {"root/proc/cmdline": f"{arguments}\n".encode()}
        if self._image_key:
            files[IMAGE_KEY] = self._image_key
        self._shell.lay_out(files)
        code = self._shell.run(BOOT_SCRIPTS / "autorun", self._settings(), self._first_path())
        if code is None:
            return None
        if self._jumped:
            return self._loaded
        if self._restarts:
            return Restart(installed=False)
        return self._ending(code)

    def answer(self, program: str, arguments: Sequence[str]) -> Answer | None:
        """Answer a program of this machine that speaks to its hardware; None for one cut off."""
        match program:
            case "poweroff":
                return self._go_down(stays=self._board.trick is Trick.STAYS_ON)
            case "reboot":
                self._restarts = True
                return self._go_down()
            case "kexec" | "systemctl":
                return self._kexec(arguments)
            case "fwupdmgr" | "mstflint" | "simulated-flash":
                return self._flash(program, arguments)
        return self._ipmitool(arguments)

    def _go_down(self, *, stays: bool = False) -> Answer:
        if not stays:
            self._shell.going_down.set()
        return Answer(0)

    def _flash(self, program: str, arguments: Sequence[str]) -> Answer | None:
        answer = run_tool(self._board, program, arguments, self._cut)
        if answer is not None:
            self._shell.print_anew()
        return answer

    def _ipmitool(self, arguments: Sequence[str]) -> Answer | None:
        """Answer for the BMC; what goes wrong at the first word to it begins with its settings."""
        if arguments[:1] not in (["mc"], ["chassis"]):
            if self._board.trick is Trick.FREEZES:
                self._shell.freeze()
                self._frozen.set()
                return None
            if self._board.trick is Trick.LOSES_POWER and self._first_boot:
                self._cut.set()
                return None
        return ipmitool(self._board.bmc, arguments)

    def _kexec(self, arguments: Sequence[str]) -> Answer:
        """`kexec -l KERNEL --initrd=FILE --command-line=TEXT`, `kexec -e`, `systemctl kexec`."""
        match arguments:
            case ["-l", kernel, *options]:
                return self._load(Path(kernel), dict(_option(option) for option in options))
            case ["-e"] | ["kexec"]:
                if self._loaded is None:
                    return Answer(1, "Nothing has been loaded!\n")
                self._jumped = True
                self._shell.going_down.set()
                return Answer(0)
        return Answer(1, f"{' '.join(arguments)}: not understood\n")

    def _load(self, kernel: Path, options: dict[str, str]) -> Answer:
        initrd, line = options.get("--initrd", ""), options.get("--command-line", "")
        try:
            if not kernel.stat().st_size:
                return Answer(1, "Cannot determine the file type of an empty kernel\n")
            self._loaded = Kexec(line, Path(initrd).read_bytes())
        except OSError as error:
            return Answer(1, f"Cannot open `{error.filename}': {error.strerror}\n")
        return Answer(0)

    def _ending(self, code: int) -> Ending:
        shell, lit = self._shell, not self._shell.going_down.is_set()
        node_id = shell.read(NODE_ID)
        deploys = shell.read("root/run/bearman/due-name") == KEXEC_SCRIPT
        words = "it did not switch off" if lit and not deploys else ""
        return Ending(
            outcome=Outcome(_status(code, node_id, lit, deploys), lit),
            words=shell.read("root/run/bearman/reason") if code else words,
            node_id=node_id,
            register_seconds=self._register_seconds(),
        )

    def _settings(self) -> dict[str, str]:
        if self._board.trick is not Trick.LOSES_NETWORK:
            return {"BEARMAN_LLDP_SECONDS": LLDP_SECONDS}
        return {
            "BEARMAN_URL": CLOSED_URL,
            "BEARMAN_PATIENCE": str(PATIENCE_WITHOUT_NETWORK),
        }

    def _first_path(self) -> str:
        trick = self._board.trick
        return str(PROGRAMS / FIRST_PROGRAMS[trick]) if trick in FIRST_PROGRAMS else ""

    def _register_seconds(self) -> float | None:
        began, ended = (self._board.folder / f"register-{when}" for when in ("began", "ended"))
        if not ended.exists():
            return None
        return ended.stat().st_mtime - began.stat().st_mtime


def _option(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name, value


def _status(code: int, node_id: str, lit: bool, deploys: bool) -> str:
    """Bearman's status for the machine, as far as the machine itself can know."""
    if deploys:
        return faults.UNRECOVERABLE_ERROR if code else faults.DEPLOYING
    if code == QUARANTINED_CODE:
        return faults.QUARANTINED
    if not node_id:
        return faults.UNREGISTERED
    return faults.READY if code == 0 or not lit else faults.REGISTER_FAILED
