"""What happens after a kernel of Bearman's has started that is not stage one."""

import threading
from dataclasses import dataclass, replace

from simulator import fault as faults
from simulator import newc, seed
from simulator.board import Board, Ending, Kexec, Restart
from simulator.door import DoorError, door_of
from simulator.fault import Outcome, Trick
from simulator.firmware import NetworkBoot
from simulator.installer import install, is_installer
from simulator.seed import Seed, SeedError
from simulator.software import System

OLD_NONCE = "nonce-of-a-boot-before"
TIMES_MORE = 2  # that a machine says once more that it is installed


@dataclass(frozen=True, slots=True)
class SystemBoot:
    """One start of a system on a machine; `cut` is set when its power goes."""

    board: Board
    cut: threading.Event
    system: System

    def cold(self, boot: NetworkBoot) -> Ending | Restart | None:
        """Go on after firmware has started the kernel; None if the power went."""
        if self.board.trick is Trick.NEVER_CALLS_BACK:
            return _silent("the system says nothing")
        try:
            return self._start(boot.arguments, seed.read(boot.seed or {}))
        except SeedError as error:
            return _silent(str(error))

    def warm(self, kexec: Kexec) -> Ending | Restart | None:
        """Go on after a kexec; None if the power went."""
        match self.board.trick:
            case Trick.KEXEC_HANGS:
                return _silent("it hangs in its kexec", hangs=True)
            case Trick.SILENT_AFTER_KEXEC | Trick.NEVER_CALLS_BACK:
                return _silent("the system says nothing")
        try:
            given = seed.read(newc.read_appended(kexec.initramfs))
        except (newc.ArchiveError, SeedError) as error:
            return _silent(str(error))
        if self.board.trick is Trick.OLD_NONCE:
            given = replace(given, nonce=OLD_NONCE, files=_with_nonce(given, OLD_NONCE))
        return self._start(kexec.arguments, given)

    def _start(self, arguments: str, given: Seed) -> Ending | Restart | None:
        if given.token in arguments.split() or f"token={given.token}" in arguments:
            return _silent("the kernel command line holds the secret")
        if is_installer(arguments, given):
            return install(self.board, self.cut, arguments, given)
        ending = self.system.run(arguments, given)
        if ending and ending.outcome.status == faults.INSTALLED:
            self._say_again(given)
        return ending

    def _say_again(self, given: Seed) -> None:
        if self.board.trick is Trick.INSTALLED_TWICE:
            for _ in range(TIMES_MORE):
                try:
                    door_of(given, self.cut, self.board.ca).post("installed")
                except DoorError:
                    return  # what counts is what Bearman's row says


def _with_nonce(given: Seed, nonce: str) -> dict[str, newc.Entry]:
    entry = given.files[seed.SEED]
    content = entry.content.replace(given.nonce.encode(), nonce.encode())
    return {**given.files, seed.SEED: replace(entry, content=content)}


def _silent(words: str, *, hangs: bool = False) -> Ending:
    return Ending(Outcome(faults.DEPLOYING, lit=True), words, hangs=hangs)
