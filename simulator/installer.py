"""An installer on a machine: reads its answers, asks who it is, says when it is done.

It stands for debian-installer, Anaconda and Subiquity: what it calls is what their answers say.
"""

import json
import re
import threading

from simulator import fault as faults
from simulator.board import Board, Ending, Restart
from simulator.door import DoorError, door_of
from simulator.fault import Outcome, Trick
from simulator.seed import Seed

CALL_BACK = re.compile(r"https?://[^\s'\"]+/installed/[0-9a-fA-F-]{36}")
# cloud-init's way to say where its files are: `ds=nocloud-net;s=URL`, quoted or not.
NOCLOUD = re.compile(r"ds=nocloud(?:-net)?\\?;s=(?P<url>[^\s'\";]+)")
WRITING_SECONDS = 0.5  # on the disk


def is_installer(arguments: str, seed: Seed) -> bool:
    """Whether what boots is an installer."""
    return seed.configuration() is not None or "autoinstall" in arguments.split()


def install(board: Board, cut: threading.Event, arguments: str, seed: Seed) -> Ending | Restart:
    """Install and restart, or stay lit; raises PowerLostError."""
    door = door_of(seed, cut, board.ca)
    try:
        answers = seed.configuration()
        if answers is None:
            answers = door.get(_nocloud(arguments) + "user-data").decode("utf-8", "replace")
        detail = json.loads(door.get("detail"))
        if str(detail["hostname"]) not in answers:
            return _stays_lit(f"the installer's answers do not name {detail['hostname']}")
        if board.trick is Trick.SCRIPT_FAILS:
            door.post("report", step="configure", outcome="failed", message="its disk is broken")
            return _stays_lit("its disk is broken")
        if cut.wait(WRITING_SECONDS) or not CALL_BACK.search(answers):
            return _stays_lit("the installer's answers do not make it say that it is done")
        door.post("installed")
    except (DoorError, ValueError, KeyError) as error:
        return _stays_lit(str(error))
    return Restart()


def _nocloud(arguments: str) -> str:
    match = NOCLOUD.search(arguments)
    if match is None:
        raise ValueError("the kernel command line does not say where the answers are")
    return match["url"].rstrip("/") + "/"


def _stays_lit(words: str) -> Ending:
    return Ending(Outcome(faults.UNRECOVERABLE_ERROR, lit=True), words)
