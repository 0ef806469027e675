"""Shows how a fleet gets on: a live line on a terminal, else a line a machine."""

from collections import Counter
from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from simulator.fleet import Fleet
from simulator.life import Phase
from simulator.machine import Machine
from simulator.plain import one_line

LABEL, WORDS = 40, 90  # characters
MANY = 60  # above so many machines only those that stay lit get a line


def follow(fleet: Fleet, at_rest: Iterable[Machine], console: Console) -> Iterator[Machine]:
    """Pass on the machines that come to rest, and show them on the way."""
    columns = (
        SpinnerColumn(),
        BarColumn(bar_width=24),
        TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(),
        _Phases(fleet),
    )
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("", total=len(fleet.machines))
        for machine in at_rest:
            bar.advance(task)
            if len(fleet.machines) <= MANY or machine.phase is Phase.LIT:
                bar.console.print(line(machine), soft_wrap=True)
            yield machine


def line(machine: Machine) -> Text:
    """One machine at rest, in words that fit a terminal."""
    label = f"{machine.board.identity.label[:LABEL]:<{LABEL}}"
    after = f"{machine.seconds:5.1f} s" if machine.seconds is not None else ""
    if machine.ending is None or machine.phase is not Phase.LIT:
        words = f"registered, BMC at {machine.board.bmc.lan.address}"
        return Text.assemble(("  off  ", "green"), f"{label} {after}  {words}")
    fault = f"{machine.board.fault.name}: " if machine.board.fault else ""
    words = one_line(f"{fault}{machine.ending.words}", WORDS)
    return Text.assemble(("  LIT  ", "bold red"), f"{label} {after}  {words}")


class _Phases(ProgressColumn):
    """How many machines are on their way and how many stay lit, counted anew with each frame."""

    max_refresh = 0.2  # seconds

    def __init__(self, fleet: Fleet) -> None:
        super().__init__()
        self._fleet = fleet

    def render(self, task: Task) -> Text:
        """Render the words beside the bar."""
        phases = Counter(machine.phase for machine in self._fleet.machines)
        booting = phases[Phase.FIRMWARE] + phases[Phase.STAGE_ONE] + phases[Phase.SYSTEM]
        return Text(f"{booting} booting, {phases[Phase.LIT]} lit")
