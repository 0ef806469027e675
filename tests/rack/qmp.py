"""Asks a running QEMU (QEMU Machine Protocol): a picture of the screen, a cable pulled."""

import json
import socket
from pathlib import Path
from typing import Any

from tests.rack.layout import Slot
from tests.rack.shell import RackError

SECONDS = 20


def screenshot(slot: Slot, file: Path) -> None:
    """Keep what the machine's screen shows as PNG; raises RackError where it is off."""
    ask(slot, "screendump", filename=str(file), format="png")


def set_link(slot: Slot, *, up: bool) -> None:
    """Plug the machine's cable in or pull it; raises RackError where it is off."""
    ask(slot, "set_link", name="n0", up=up)


def freeze(slot: Slot) -> None:
    """Stop the machine's processors until its power is cut: it hangs; raises RackError."""
    ask(slot, "stop")


def ask(slot: Slot, command: str, **arguments: Any) -> Any:
    """Send one command and return what it answers; raises RackError."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(SECONDS)
        try:
            connection.connect(str(slot.folder / "qmp.sock"))
            with connection.makefile("rw") as file:
                file.readline()  # the greeting
                _send(file, "qmp_capabilities", {})
                return _send(file, command, arguments)
        except OSError as error:
            raise RackError(f"Machine {slot.number} has no power: {error}") from error


def _send(file: Any, command: str, arguments: dict[str, Any]) -> Any:
    file.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
    file.flush()
    while line := file.readline():
        answer = json.loads(line)
        if "error" in answer:
            raise RackError(f"{command}: {answer['error'].get('desc')}")
        if "return" in answer:  # between them are events
            return answer["return"]
    raise RackError(f"{command}: the machine went off")
