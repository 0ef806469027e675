"""A simulated machine: its power button, and what it is seen to do."""

import logging
import threading
import time
from collections.abc import Callable, Sequence

from simulator import fault as faults
from simulator.bmc import PowerAction, Reactions
from simulator.board import Board, Ending
from simulator.fault import Outcome, Trick
from simulator.ipmitool import Answer
from simulator.life import DISK_FIRST, OLD_SYSTEM, Disk, Life, Phase
from simulator.software import Software

logger = logging.getLogger(__name__)
DARK_SECONDS = 1.0  # between a power cut and the next press of the button
STOP_SECONDS = 15.0
DEPLOYED = (faults.DEPLOYING, faults.INSTALLED, faults.UNRECOVERABLE_ERROR, faults.OTHER_SYSTEM)
RUNNING = (faults.INSTALLED, faults.OTHER_SYSTEM)
TRIPS = (Trick.LOSES_POWER, Trick.FLASH_LOSES_POWER)


class Machine:
    """One machine, which may be booted many times.

    `settled` is called each time it comes to rest, from some thread. `ending` is how its
    registration ended, `deployed` how the present boot of another system did.
    """

    def __init__(
        self,
        board: Board,
        *,
        url: str,
        boot_delay: tuple[float, float],
        software: Software,
        settled: Callable[["Machine"], None],
    ) -> None:
        self.board = board
        self.phase = Phase.OFF
        self.ending: Ending | None = None
        self.deployed: Ending | None = None
        self.node_id = ""
        self.seconds: float | None = None
        self.boots = 0
        self.disk = Disk(OLD_SYSTEM if board.trick in DISK_FIRST else "")
        self._url = url
        self._boot_delay = boot_delay
        self._software = software
        self._settled = settled
        self._run: _Run | None = None
        self._network_chosen = False
        self._pressed_at = 0.0
        self._stopping = threading.Event()
        board.bmc.reactions = Reactions(
            power_on=self._power_on, power_off=self._power_off, soft_off=self._soft_off
        )

    def press_power(self) -> None:
        """Press the power button and choose the network, as a person in front of it does."""
        self._pressed_at = time.monotonic()
        self._network_chosen = True
        self.board.bmc.press_power_button()

    def mend(self) -> None:
        """Put its cables right, and switch it off and on, as a person in front of it does."""
        self.board = self.board.mended()
        self.board.bmc.switch(PowerAction.OFF)
        self.press_power()

    def begin_stop(self) -> None:
        """Take the power away for good."""
        self._stopping.set()
        self._power_off()

    def wait_stopped(self) -> None:
        """Wait until nothing of the machine runs."""
        if self._run is not None:
            self._run.join(STOP_SECONDS)

    def answer(self, program: str, arguments: Sequence[str]) -> Answer | None:
        """Answer a program that runs on the machine."""
        run = self._run
        if run is None:
            return None
        answer = run.life.answer(program, arguments)
        if run.life.frozen:
            outcome = Outcome(faults.REGISTERING, lit=True)
            self._settle(Ending(outcome, "it stands still", self._node_id(), hangs=True))
        return answer

    def _node_id(self) -> str:
        path = self.board.folder / "root/run/bearman/node/node_id"
        return path.read_text().strip() if path.exists() else self.node_id

    def _power_on(self) -> None:
        if self._stopping.is_set():
            return
        self.boots += 1
        self.deployed = None
        life = Life(
            board=self.board,
            url=self._url,
            boot_delay=self._boot_delay,
            software=self._software,
            disk=self.disk,
            first=self.boots == 1,
            network_chosen=self._network_chosen,
            show=self._show,
        )
        self._network_chosen = False
        self._run = _Run(self, life, self._run)
        self._run.start()

    def _power_off(self) -> None:
        if self._run is None or not self._run.is_alive():
            self.phase, self.deployed = Phase.OFF, None
        else:
            self._run.life.cut.set()

    def _soft_off(self) -> None:
        """A system shuts down when its power button is pressed; what hangs does not notice."""
        last = self.deployed or self.ending
        if self.phase is Phase.LIT and last is not None and last.hangs:
            return
        self.board.bmc.machine_stopped()
        self._power_off()

    def _show(self, phase: Phase) -> None:
        self.phase = phase

    def live(self, life: Life) -> None:
        """Go from power-on to rest; the body of a run's thread."""
        try:
            ending = life.run()
        except Exception as error:
            logger.exception("machine %d", self.board.number)
            ending = Ending(Outcome(faults.UNREGISTERED, lit=True), f"simulator: {error!r}")
        if self._stopping.is_set():
            return
        if ending is None or life.cut.is_set():
            self._lost_power()
            return
        if not ending.outcome.lit:
            self.board.bmc.machine_stopped()
        self._settle(ending)

    def _lost_power(self) -> None:
        """The BMC took the power, or nobody did: then somebody presses the button again."""
        trips = self.board.trick in TRIPS and self.boots == 1
        if self.board.bmc.powered and trips:
            self.board.bmc.machine_stopped()
            self.phase = Phase.OFF
            if not self._stopping.wait(DARK_SECONDS):
                self.board.bmc.press_power_button()
            return
        status = self.ending.outcome.status if self.ending else faults.REGISTERING
        self._settle(Ending(Outcome(status, lit=False), "switched off at its BMC", self._node_id()))

    def _settle(self, ending: Ending) -> None:
        self.node_id = ending.node_id or self.node_id
        if ending.outcome.status in DEPLOYED:
            self.deployed = ending
            self.phase = Phase.RUNNING if ending.outcome.status in RUNNING else Phase.LIT
        else:
            self.ending = ending
            self.seconds = time.monotonic() - self._pressed_at
            self.phase = Phase.LIT if ending.outcome.lit else Phase.OFF
        self._settled(self)


class _Run(threading.Thread):
    """The thread of one time under power."""

    def __init__(self, machine: Machine, life: Life, previous: "_Run | None") -> None:
        super().__init__(name=f"machine-{machine.board.number}", daemon=True)
        self.life = life
        self._machine = machine
        self._previous = previous

    def run(self) -> None:
        """Wait for the end of the time before, then live."""
        previous, self._previous = self._previous, None
        if previous is not None:
            previous.join()
        self._machine.live(self.life)
