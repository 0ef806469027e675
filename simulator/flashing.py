"""What the firmware tools of a simulated machine do, and what they print.

The tools are fwupdmgr, mstflint, and a vendor's own, for which `simulated-flash` stands: it is what
the vendor's file calls, with its own name.
"""

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from simulator.board import Board
from simulator.chips import BMC, UnknownImageError, read_mark
from simulator.fault import Trick
from simulator.ipmitool import Answer

HANG_SECONDS = 3600.0  # longer than any patience
MAX_IMAGE = 64 * 1024 * 1024  # bytes
FAILURE = "Error: the device refused block 17 of the image\n"
DONE = "Writing... 100%\nSuccessfully installed firmware\n"
MELLANOX = """\
Image type:            FS4
FW Version:            {stored}
{running}FW Release Date:       12.3.2023
Product Version:       {stored}
Description:           UID                GuidsNumber
Base MAC:              {mac}            8
Image VSD:             N/A
Device VSD:            N/A
PSID:                  {psid}
Security Attributes:   N/A
"""


class ToolHangsError(Exception):
    """The tool would not have ended."""


class ToolLostPowerError(Exception):
    """The power went in the middle of an update."""


def flash(board: Board, target: str, content: bytes) -> Answer:
    """Apply an image; `target` is an interface, a bus address or a disk where there are several.

    Raises ToolHangsError or ToolLostPowerError if that is what this machine's tools do.
    """
    board.chips.attempts += 1
    match board.trick:
        case Trick.FLASH_HANGS:
            raise ToolHangsError
        case Trick.FLASH_LOSES_POWER if board.chips.attempts == 1:
            raise ToolLostPowerError
        case Trick.FLASH_FAILS:
            return Answer(1, FAILURE)
        case Trick.FLASH_LIES:
            return Answer(0, DONE)
    try:
        component, version = read_mark(content)
        board.chips.write(component, target, version)
    except UnknownImageError as error:
        return Answer(1, f"Error: {error}\n")
    if component == BMC:
        board.bmc.device_id = replace(board.bmc.device_id, firmware=version)
    return Answer(0, DONE)


def run_tool(
    board: Board, program: str, arguments: Sequence[str], cut: threading.Event
) -> Answer | None:
    """Run a tool with these arguments; None for one that does not come to its end."""
    try:
        match program:
            case "mstflint":
                return _mstflint(board, list(arguments))
            case "fwupdmgr":
                return _fwupdmgr(board, list(arguments))
        return _vendors_own(board, arguments)
    except ToolHangsError:
        cut.wait(HANG_SECONDS)
        return None
    except ToolLostPowerError:
        cut.set()
        return None


def version(board: Board, component: str, target: str) -> str:
    """The version that a component has now; empty for one that is not there."""
    identity = board.chips.identity
    match component:
        case "bios":
            return identity.model.bios["version"]
        case "bmc":
            return identity.model.bmc.firmware
        case "nic":
            found = [p.nic.firmware for p in identity.ports if p.answers_to(target)]
        case _:
            found = [unit.disk.revision for unit in identity.disks if unit.name == target]
    return found[0] if found else ""


def query(board: Board, device: str) -> str:
    """Output of `mstflint -d DEVICE query`; raises UnknownImageError for no such device."""
    ports = board.chips.identity.ports
    port = next((port for port in ports if port.answers_to(device)), None)
    if port is None or port.nic.driver != "mlx5_core":
        raise UnknownImageError(f"Cannot open Device: {device}. No such file or directory.")
    running, _, psid = port.nic.firmware.partition(" ")
    stored = board.chips.waiting("nic", port.name).partition(" ")[0] or running
    shown = "" if stored == running else f"FW Version(Running):   {running}\n"
    mac = port.mac.replace(":", "")
    return MELLANOX.format(stored=stored, running=shown, mac=mac, psid=psid.strip("()"))


def _mstflint(board: Board, words: list[str]) -> Answer:
    """`-d DEVICE query`, and `-d DEVICE -i IMAGE burn`; -y answers all questions."""
    device = _after(words, "-d", "--device")
    try:
        shown = query(board, device)
    except UnknownImageError as error:
        return Answer(1, f"-E- {error}\n")
    match words[-1:]:
        case ["q" | "query"]:
            return Answer(0, shown)
        case ["b" | "burn"]:
            return _flash_file(board, device, [_after(words, "-i", "--image")])
    return Answer(1, "-E- Invalid command\n")


def _fwupdmgr(board: Board, words: list[str]) -> Answer:
    """`get-details FILE`, and `install` or `local-install` FILE."""
    plain = [word for word in words if not word.startswith("-")]
    match plain:
        case ["get-details", file]:
            return _details(board, file)
        case ["install" | "local-install", *files]:
            return _flash_file(board, "", files[:1])
    return Answer(1, f"Command not found: {' '.join(plain)}\n")


def _details(board: Board, file: str) -> Answer:
    try:
        component, brought = read_mark(Path(file).read_bytes())
    except (OSError, UnknownImageError) as error:
        return Answer(1, f"{error}\n")
    now = version(board, component, "")
    return Answer(
        0,
        f"{board.identity.product}\n\u2502\n\u2514\u2500{component.upper()}:\n"
        f"      Current version:    {now}\n      New version:        {brought}\n",
    )


def _vendors_own(board: Board, words: Sequence[str]) -> Answer:
    """`simulated-flash FILE TARGET`, which updates, and `simulated-flash FILE TARGET --version`."""
    file, target, *options = [*words, "", ""]
    if "--version" not in options:
        return _flash_file(board, target, [file])
    try:
        component, _ = read_mark(Path(file).read_bytes())
    except (OSError, UnknownImageError) as error:
        return Answer(1, f"{error}\n")
    return Answer(0, f"{version(board, component, target)}\n")


def _flash_file(board: Board, target: str, files: Sequence[str]) -> Answer:
    try:
        with Path(*files).open("rb") as file:
            return flash(board, target, file.read(MAX_IMAGE))
    except OSError as error:
        return Answer(1, f"failed to open {' '.join(files)}: {error.strerror}\n")


def _after(words: list[str], *options: str) -> str:
    """The word after an option; empty where there is none."""
    places = [n for n, word in enumerate(words[:-1]) if word in options]
    return words[places[0] + 1] if places else ""


def reading(board: Board, read_with: str, component: str, target: str) -> bytes:
    """What the reader of an update prints now."""
    if read_with == "tool":
        return f"{version(board, component, target)}\n".encode()
    match read_with:
        case "dmidecode":
            return board.bios_output()
        case "ipmitool":
            return board.bmc.device_id.words().encode()
        case "ethtool":
            return board.ethtool().get(target, b"")
    return board.lsblk_output(target)
