"""A simulated machine: what happens between its power button and its end."""

import logging
import random
import threading
import time
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Protocol

from simulator import faults
from simulator.bmc import Reactions
from simulator.board import Board, Ending
from simulator.faults import Outcome, Trick
from simulator.firmware import Firmware, NothingToBootError, PowerLostError
from simulator.ipmitool import Answer

logger = logging.getLogger(__name__)
DARK_SECONDS = 1.0  # between a power cut and the next press of the button
STOP_SECONDS = 15.0


class Phase(StrEnum):
    """Where a machine is, for people who watch."""

    OFF = "off"
    FIRMWARE = "firmware"
    STAGE_ONE = "stage one"
    LIT = "lit"


class StageOne(Protocol):
    """One boot of stage one, with shells or without."""

    @property
    def frozen(self) -> bool:
        """Whether the machine stands still for ever."""

    def run(self, arguments: str) -> Ending | None:
        """Run with this kernel command line; None if the power went."""

    def answer(self, program: str, arguments: Sequence[str]) -> Answer | None:
        """Answer a program of the machine that speaks to its BMC."""


# Makes a boot of stage one; the event is set when the power goes, `first_boot` once true.
MakeStageOne = Callable[[Board, threading.Event, bool], StageOne]


class Machine:
    """One machine. `settled` is called each time it comes to rest, from some thread."""

    def __init__(
        self,
        board: Board,
        *,
        url: str,
        boot_delay: tuple[float, float],
        make_stage_one: MakeStageOne,
        settled: Callable[["Machine"], None],
    ) -> None:
        self.board = board
        self.phase = Phase.OFF
        self.ending: Ending | None = None
        self.seconds: float | None = None
        self._url = url
        self._boot_delay = boot_delay
        self._make_stage_one = make_stage_one
        self._settled = settled
        self._boot: _Boot | None = None
        self._boots = 0
        self._pressed_at = 0.0
        self._stopping = threading.Event()
        board.bmc.reactions = Reactions(power_on=self._power_on, power_off=self._power_off)

    def press_power(self) -> None:
        """Press the power button, as a person in front of it does."""
        self._pressed_at = time.monotonic()
        self.board.bmc.press_power_button()

    def begin_stop(self) -> None:
        """Take the power away for good."""
        self._stopping.set()
        self._power_off()

    def wait_stopped(self) -> None:
        """Wait until nothing of the machine runs."""
        if self._boot is not None:
            self._boot.join(STOP_SECONDS)

    def answer(self, program: str, arguments: Sequence[str]) -> Answer | None:
        """Answer a program that runs on the machine."""
        boot = self._boot
        if boot is None:
            return None
        answer = boot.stage_one.answer(program, arguments)
        if boot.stage_one.frozen:
            words = "it stands still"
            self._settle(Ending(Outcome(faults.REGISTERING, lit=True), words, self._node_id()))
        return answer

    def _node_id(self) -> str:
        path = self.board.folder / "root/run/bearman/node/node_id"
        return path.read_text().strip() if path.exists() else ""

    def _power_on(self) -> None:
        if self._stopping.is_set():
            return
        self._boots += 1
        cut = threading.Event()
        stage_one = self._make_stage_one(self.board, cut, self._boots == 1)
        self._boot = _Boot(self, cut, stage_one, self._boot)
        self._boot.start()

    def _power_off(self) -> None:
        if self._boot is None or not self._boot.is_alive():
            self.phase = Phase.OFF
        else:
            self._boot.cut.set()

    def boot(self, stage_one: StageOne, cut: threading.Event) -> None:
        """Go from power-on to the end of stage one; the body of a boot's thread."""
        try:
            ending = self._run(stage_one, cut)
        except PowerLostError:
            ending = None
        except NothingToBootError as error:
            ending = Ending(Outcome(faults.UNREGISTERED, lit=True), str(error))
        except Exception as error:
            logger.exception("machine %d", self.board.number)
            ending = Ending(Outcome(faults.UNREGISTERED, lit=True), f"simulator: {error!r}")
        if self._stopping.is_set():
            return
        if ending is None:
            self._lost_power()
            return
        if not ending.outcome.lit:
            self.board.bmc.machine_stopped()
        self._settle(ending)

    def _run(self, stage_one: StageOne, cut: threading.Event) -> Ending | None:
        self.phase = Phase.FIRMWARE
        if cut.wait(random.uniform(*self._boot_delay)):
            raise PowerLostError
        arguments = Firmware(self.board.identity, self._url, cut).kernel_arguments()
        self.phase = Phase.STAGE_ONE
        return stage_one.run(arguments)

    def _lost_power(self) -> None:
        """The BMC took the power, or nobody did: then somebody presses the button again."""
        if self.board.bmc.powered and self.board.trick is Trick.LOSES_POWER:
            self.board.bmc.machine_stopped()
            self.phase = Phase.OFF
            if not self._stopping.wait(DARK_SECONDS):
                self.board.bmc.press_power_button()
            return
        status = self.ending.outcome.status if self.ending else faults.REGISTERING
        self._settle(Ending(Outcome(status, lit=False), "switched off at its BMC", self._node_id()))

    def _settle(self, ending: Ending) -> None:
        self.ending = ending
        self.seconds = time.monotonic() - self._pressed_at
        self.phase = Phase.LIT if ending.outcome.lit else Phase.OFF
        self._settled(self)


class _Boot(threading.Thread):
    """One time under power, from the button to the end."""

    def __init__(
        self,
        machine: Machine,
        cut: threading.Event,
        stage_one: StageOne,
        previous: "_Boot | None",
    ) -> None:
        super().__init__(name=f"machine-{machine.board.number}", daemon=True)
        self.cut = cut
        self.stage_one = stage_one
        self._machine = machine
        self._previous = previous

    def run(self) -> None:
        """Wait for the end of the boot before, then boot."""
        previous, self._previous = self._previous, None
        if previous is not None:
            previous.join()
        self._machine.boot(self.stage_one, self.cut)
