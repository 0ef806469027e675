"""What runs on a machine, with shells or without: stage one, and the systems that it leads to."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from simulator.board import Board, Ending, Kexec, Restart
from simulator.ipmitool import Answer
from simulator.seed import Seed


class StageOne(Protocol):
    """One boot of stage one."""

    @property
    def frozen(self) -> bool:
        """Whether the machine stands still for ever."""

    def run(self, arguments: str) -> Ending | Kexec | Restart | None:
        """Run with this kernel command line; None if the power went."""

    def answer(self, program: str, arguments: Sequence[str]) -> Answer | None:
        """Answer a program of the machine that speaks to its hardware."""


class System(Protocol):
    """One boot of a system that runs from memory."""

    def run(self, arguments: str, seed: Seed) -> Ending | None:
        """Run with this kernel command line and secret; None if the power went."""


# Each makes something for one boot of a machine; the event is set when its power goes.
MakeStageOne = Callable[[Board, threading.Event, bool], StageOne]  # true: the first boot ever
MakeSystem = Callable[[Board, threading.Event], System]


@dataclass(frozen=True, slots=True)
class Software:
    """How the machines of a fleet run things.

    With `fetches` firmware fetches kernel and initramfs; without, it only remembers them.
    """

    stage_one: MakeStageOne
    system: MakeSystem
    fetches: bool
