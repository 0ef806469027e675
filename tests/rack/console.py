"""What a person can do in the machine room, as words at a prompt."""

import cmd
import subprocess
from collections.abc import Callable
from contextlib import closing

from simulator.operator_view import OperatorError, OperatorView, status_name
from tests.rack import bmc, qmp
from tests.rack.cables import Port
from tests.rack.layout import INTERFACE, Slot
from tests.rack.rack import Rack
from tests.rack.shell import RackError, inside
from tests.rack.watch import console_text

LINES = 24


class Console(cmd.Cmd):
    """The machine room: its words are the methods."""

    prompt = "rack> "

    def __init__(self, rack: Rack) -> None:
        super().__init__()
        self._rack = rack

    def onecmd(self, line: str) -> bool:
        """Obey a line; what fails is said, and the rack stays."""
        try:
            return bool(super().onecmd(line.removeprefix("rack ")))
        except (RackError, OperatorError) as error:
            print(error)
            return False

    def emptyline(self) -> bool:
        """Do nothing for nothing."""
        return False

    def do_status(self, _words: str) -> None:
        """status: every machine, whether it is on, and what Bearman says of it."""
        with closing(OperatorView(self._rack.grpc, self._rack.server.token)) as view:
            nodes = {node.uuid: node for node in view.nodes().values()}
        for slot in self._rack.machines.values():
            node = nodes.get(slot.uuid)
            says = status_name(node) if node else "unknown to Bearman"
            power = "on " if bmc.is_on(slot) else "off"
            port = self._rack.cables.port(slot) or "unplugged"
            print(f"{slot.number}  {power}  {slot.serial}  {port}  {says}")
            if node and node.reason:
                print(f"   {node.reason}\n   {node.advice}")

    def do_power_button(self, words: str) -> None:
        """power-button N: press the button of a machine that is off, as a person would."""
        self._with(words, bmc.button)

    def do_cut(self, words: str) -> None:
        """cut N: take the machine's power away."""
        self._with(words, lambda slot: print(bmc.ask(slot, "chassis", "power", "off").strip()))

    def do_cable(self, words: str) -> None:
        """cable N eno1 SWITCH:PORT: plug a machine's cable into a port."""
        machine, port = self._words(words, "cable N eno1 sw2:7", 2)
        self._rack.cables.plug(self._slot(machine), Port.parse(port))

    def do_unplug(self, words: str) -> None:
        """unplug N eno1: pull a machine's cable out of its port."""
        (machine,) = self._words(words, "unplug N eno1", 1)
        self._rack.cables.unplug(self._slot(machine))

    def do_swap(self, words: str) -> None:
        """swap A B: plug each of two machines where the other was."""
        one, other = self._words(words, "swap A B", 2)
        self._rack.cables.swap(self._slot(one), self._slot(other))

    def do_screen(self, words: str) -> None:
        """screen N: the end of the serial console, and a picture of the screen in a file."""
        self._with(words, self._screen)

    def do_ssh(self, words: str) -> None:
        """ssh N [COMMAND]: log in to a deployed machine as root; its deploy form takes the key."""
        number, _, command = words.strip().partition(" ")
        address = self._service_address(self._slot(number))
        there = inside(self._rack.layout.namespace, *self._rack.ssh(address))
        subprocess.run([*there, *([command] if command else [])], check=False)

    def do_down(self, _words: str) -> bool:
        """down: take everything down and end."""
        return True

    def do_EOF(self, _words: str) -> bool:  # noqa: N802 - the name that cmd gives to Ctrl-D
        """Ctrl-D: as down."""
        print()
        return True

    def precmd(self, line: str) -> str:
        """Take power-button for power_button."""
        return line.replace("power-button", "power_button", 1)

    def _with(self, words: str, action: Callable[[Slot], None]) -> None:
        action(self._slot(words.strip()))

    def _slot(self, number: str) -> Slot:
        """Return the machine of that number; raises RackError."""
        slot = self._rack.machines.get(int(number)) if number.isdecimal() else None
        if slot is None:
            known = ", ".join(str(one) for one in self._rack.machines)
            raise RackError(f"There is no machine {number or '(which?)'}; there are {known}.")
        return slot

    def _words(self, words: str, usage: str, wanted: int) -> list[str]:
        """Return as many words as wanted, without the interface's name; raises RackError."""
        found = [word for word in words.split() if word != INTERFACE]
        if len(found) != wanted:
            raise RackError(f"Say {usage}.")
        return found

    def _service_address(self, slot: Slot) -> str:
        with closing(OperatorView(self._rack.grpc, self._rack.server.token)) as view:
            nodes = {node.uuid: node.id for node in view.nodes().values()}
            row = view.baremetals().get(nodes.get(slot.uuid, ""))
        if row is None or not row.service_address:
            raise RackError(f"Machine {slot.number} is not deployed.")
        return row.service_address.partition("/")[0]

    def _screen(self, slot: Slot) -> None:
        print("\n".join(console_text(slot).splitlines()[-LINES:]))
        file = slot.folder / "screen.png"
        qmp.screenshot(slot, file)
        print(f"-- the screen is in {file}")
