"""One time under power: from the button, over firmware and whatever boots, to the end."""

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from simulator import fault as faults
from simulator.board import Board, Ending, Kexec, Restart
from simulator.fault import Outcome, Trick
from simulator.firmware import Firmware, NetworkBoot, NothingToBootError, PowerLostError
from simulator.ipmitool import Answer
from simulator.software import Software, StageOne
from simulator.system import SystemBoot

# Boot device numbers of a BMC (IPMI 2.0 table 28-14).
PXE, DISK, SETUP = 1, 2, 6
TOKEN = "bearman.token="
DISK_FIRST = (Trick.DISK_FIRST, Trick.FORGETS_OVERRIDE)
OLD_SYSTEM = "an old system on its disk"
INSTALLED_SYSTEM = "the system on its disk"


class Phase(StrEnum):
    """Where a machine is, for people who watch."""

    OFF = "off"
    FIRMWARE = "firmware"
    STAGE_ONE = "stage one"
    SYSTEM = "stage two"
    RUNNING = "running"
    LIT = "lit"


@dataclass(slots=True)
class Disk:
    """What boots from the disk, in words; empty for nothing."""

    system: str = ""


@dataclass(slots=True)
class Life:
    """One time under power. `cut` is set when that goes; `show` is told each phase.

    `network_chosen`: somebody in front of the machine chose the network for its first boot.
    """

    board: Board
    url: str
    boot_delay: tuple[float, float]
    software: Software
    disk: Disk
    first: bool
    network_chosen: bool
    show: Callable[[Phase], None]
    cut: threading.Event = field(default_factory=threading.Event)
    _stage_one: StageOne | None = None

    def run(self) -> Ending | None:
        """Boot until the machine comes to rest; None if the power went."""
        try:
            while isinstance(ending := self._boot(), Restart):
                self.disk.system = INSTALLED_SYSTEM if ending.installed else self.disk.system
                self.first = False
        except PowerLostError:
            return None
        except NothingToBootError as error:
            return Ending(Outcome(faults.UNREGISTERED, lit=True), str(error))
        return ending

    @property
    def frozen(self) -> bool:
        """Whether the machine stands still for ever."""
        return self._stage_one is not None and self._stage_one.frozen

    def answer(self, program: str, arguments: Sequence[str]) -> Answer | None:
        """Answer a program that runs on the machine; None for one cut off."""
        return self._stage_one.answer(program, arguments) if self._stage_one else None

    def _boot(self) -> Ending | Restart | None:
        self.show(Phase.FIRMWARE)
        self.board.chips.restart()
        if self.cut.wait(random.uniform(*self.boot_delay)):
            raise PowerLostError
        found = self._first_device()
        if found is None:
            return self._from_disk()
        if TOKEN not in found.arguments:
            self.show(Phase.SYSTEM)
            return self._system().cold(found)
        self.show(Phase.STAGE_ONE)
        self._stage_one = self.software.stage_one(self.board, self.cut, self.first)
        ending = self._stage_one.run(found.arguments)
        self._stage_one = None if isinstance(ending, Kexec) else self._stage_one
        if isinstance(ending, Kexec):
            self.show(Phase.SYSTEM)
            return self._system().warm(ending)
        return ending

    def _system(self) -> SystemBoot:
        return SystemBoot(self.board, self.cut, self.software.system(self.board, self.cut))

    def _first_device(self) -> NetworkBoot | None:
        """What boots: something from the network, or None for the disk.

        Raises NothingToBootError where the end of the boot order is reached.
        """
        firmware = Firmware(self.board.identity, self.url, self.cut, self.software.fetches)
        said = "no bootable device"
        for device in self._order():
            try:
                found = firmware.boot_network() if device == PXE else None
            except NothingToBootError as error:
                said = str(error)
                continue
            if isinstance(found, NetworkBoot):
                return found
            if self.disk.system:
                return None
        raise NothingToBootError(said)

    def _order(self) -> Iterator[int]:
        """The boot devices one after the other; the BMC's override comes first, once."""
        override = self.board.bmc.boot.take()
        if override == SETUP:
            raise NothingToBootError("it is in its firmware's setup")
        own = [DISK, PXE] if self.board.trick in DISK_FIRST else [PXE, DISK]
        first = PXE if self.network_chosen else override
        self.network_chosen = False
        yield from sorted(own, key=lambda device: device != first)

    def _from_disk(self) -> Ending:
        known = self.disk.system == INSTALLED_SYSTEM
        status = faults.INSTALLED if known else faults.OTHER_SYSTEM
        return Ending(Outcome(status, lit=True), f"it boots {self.disk.system}")
