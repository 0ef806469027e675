"""What a rack left on this machine, in a file for the next one, should this one be killed."""

import json
import os
import shutil
import signal
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from simulator.processes import session_members
from tests.rack.shell import run

FOLDER = Path("/run/bearman-rack")
PASSES = 100


@dataclass
class State:
    """Processes and namespaces of a run; each process is the leader of a session of its own."""

    run: str
    owner: int
    began: str  # of the owner, so that another process with its number is not taken for it
    folder: str = ""  # of its logs and disks, which goes last
    processes: dict[int, str] = field(default_factory=dict)  # its number, and when it began
    namespaces: list[str] = field(default_factory=list)

    @property
    def path(self) -> Path:
        """The file of this run."""
        return FOLDER / f"{self.run}.json"

    def add_process(self, pid: int) -> None:
        """Keep a process for the case that we are killed."""
        self.processes[pid] = began(pid)
        self.save()

    def add_namespace(self, name: str) -> None:
        """Keep a namespace; before it is made."""
        self.namespaces.append(name)
        self.save()

    def save(self) -> None:
        """Write the file, at once or not at all."""
        FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = self.path.with_suffix(".part")
        part.write_text(json.dumps(asdict(self)))
        part.replace(self.path)

    def clear(self) -> None:
        """End the processes and remove the namespaces, whoever made them."""
        for pid, time_of_it in reversed(self.processes.items()):
            if not began(pid) or began(pid) == time_of_it:
                end_session(pid)
        for name in reversed(self.namespaces):
            for member in run("ip", "netns", "pids", name, check=False).split():
                with suppress(OSError):
                    os.kill(int(member), signal.SIGKILL)
            run("ip", "netns", "delete", name, check=False)
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)
        self.path.unlink(missing_ok=True)


def new_state(name: str, folder: Path | None = None) -> State:
    """Return the state of a run of this process."""
    return State(name, os.getpid(), began(os.getpid()), str(folder or ""))


def clear_leftovers() -> list[str]:
    """Clear what killed runs left, and return their names."""
    cleared = []
    for path in sorted(FOLDER.glob("*.json")):
        raw = json.loads(path.read_text())
        raw["processes"] = {int(pid): at for pid, at in raw["processes"].items()}
        state = State(**raw)
        if began(state.owner) != state.began:
            state.clear()
            cleared.append(state.run)
    return cleared


def began(pid: int) -> str:
    """Return when a process began, in ticks since boot (proc(5), field 22); empty if it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return ""


def end_session(leader: int) -> None:
    """Kill all members of a session, again until none is left."""
    for _ in range(PASSES):
        members = list(session_members(leader))
        if not members:
            return
        for pid in members:
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)
