"""A fleet of simulated machines, their BMCs on the network, and the buttons to press."""

import queue
import shutil
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Self
from uuid import UUID

from simulator.bmc import BmcFaults, BmcFleet, DeviceId, SimulatedBmc
from simulator.board import Board
from simulator.chips import Chips
from simulator.interrupt import signals_held
from simulator.ipmitool import Answer
from simulator.kcs import KcsServer
from simulator.light_calls import Channels
from simulator.light_stage_one import LightStageOne
from simulator.light_system import LightSystem
from simulator.lineup import FleetPlan, Place, line_up
from simulator.machine import Machine
from simulator.shell_stage_one import ShellStageOne
from simulator.shell_system import ShellSystem
from simulator.software import Software, StageOne, System

GLANCE_SECONDS = 0.1  # how often the one who presses the buttons looks at the clock


class Fleet:
    """Carries the machines of a plan from `with` to its end; whatever it starts ends then."""

    def __init__(self, plan: FleetPlan) -> None:
        self.plan = plan
        self.folder = Path()
        self.machines: list[Machine] = []
        self._twins: dict[int, int] = {}
        self._at_rest: queue.Queue[Machine] = queue.Queue()
        self._ca = plan.ca.read_bytes() if plan.ca else b""
        self._channels = Channels(self._ca)
        self._bmcs = BmcFleet(plan.bmc_port)
        self._kcs: KcsServer | None = None
        self._image_key = plan.image_key.read_bytes() if plan.image_key else b""
        self._ends = ExitStack()

    def __enter__(self) -> Self:
        try:
            with signals_held():
                self._build()
        except BaseException:
            self._ends.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.close()

    def _build(self) -> None:
        """Make what a fleet consists of; each thing's end is noted at once."""
        self.folder = Path(tempfile.mkdtemp(prefix="bearman-fleet-"))
        if not self.plan.keep:
            self._ends.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self._ends.callback(self._channels.close)
        self._ends.enter_context(self._bmcs)
        if not self.plan.light:
            self._kcs = self._ends.enter_context(KcsServer(self._answer))
        self._ends.callback(self._stop_machines)
        for number, place in enumerate(line_up(self.plan)):
            self._install(number, place)

    def press_buttons(self, timeout: float) -> Iterator[Machine]:
        """Walk along the rack and press each button, so many machines at a time.

        Yields each machine when it comes to rest. After `timeout` seconds no more is awaited.
        """
        limit = time.monotonic() + timeout
        # Twins come last: the machine whose UUID they have must be known before.
        waiting = deque(sorted(self.machines, key=lambda m: m.board.number in self._twins))
        active: set[int] = set()
        while (waiting or active) and time.monotonic() < limit:
            while waiting and len(active) < self.plan.concurrency and self._may_start(waiting[0]):
                active.add(waiting[0].board.number)
                waiting.popleft().press_power()
            try:
                machine = self._at_rest.get(timeout=GLANCE_SECONDS)
            except queue.Empty:
                continue
            if machine.board.number in active:
                active.remove(machine.board.number)
                yield machine

    def _may_start(self, machine: Machine) -> bool:
        twin = self._twins.get(machine.board.number)
        return twin is None or self.machines[twin].ending is not None

    def _install(self, number: int, place: Place) -> None:
        identity, fault = place.identity, place.fault
        bmc = SimulatedBmc(
            f"machine {number}",
            mac=identity.bmc_mac,
            guid=UUID(identity.uuid),
            faults=replace(fault.bmc) if fault else BmcFaults(),
        )
        own = identity.model.bmc
        bmc.device_id = DeviceId(own.firmware, own.vendor, own.vendor_name, own.product)
        machine = Machine(
            Board(
                number=number,
                identity=identity,
                bmc=bmc,
                fault=fault,
                folder=self.folder / f"{number:05d}",
                stand=place.stand,
                cables=place.cables,
                chips=Chips(identity),
                ca=self._ca,
            ),
            url=self.plan.url.rstrip("/"),
            boot_delay=self.plan.boot_delay,
            software=Software(self._stage_one, self._system, fetches=self.plan.fetches),
            settled=self._at_rest.put,
        )
        self._bmcs.add(bmc)
        self.machines.append(machine)
        if place.twin is not None:
            self._twins[number] = place.twin

    def _stage_one(self, board: Board, cut: threading.Event, first_boot: bool) -> StageOne:
        if self._kcs is None:
            return LightStageOne(
                board,
                cut,
                self._channels,
                first_boot=first_boot,
                fetches=self.plan.fetches,
            )
        return ShellStageOne(
            board, cut, self._kcs.path, first_boot=first_boot, image_key=self._image_key
        )

    def _system(self, board: Board, cut: threading.Event) -> System:
        if self._kcs is None:
            return LightSystem(board, cut, self._channels)
        return ShellSystem(board, cut, self._kcs.path)

    def _answer(self, number: int, program: str, arguments: Sequence[str]) -> Answer | None:
        return self.machines[number].answer(program, arguments)

    def _stop_machines(self) -> None:
        for machine in self.machines:
            machine.begin_stop()
        for machine in self.machines:
            machine.wait_stopped()
