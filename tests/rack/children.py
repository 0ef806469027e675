"""Starts the rack's programs, each with a log, and ends them."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.rack.state import State, end_session

TAIL_LINES = 20


class Children:
    """The programs that run; each leads a session, so that it ends with all it started."""

    def __init__(self, state: State, logs: Path) -> None:
        self._state = state
        self._logs = logs
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(
        self,
        name: str,
        words: list[str],
        *,
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start a program; what it says goes to NAME.log."""
        with (self._logs / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                words,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._state.add_process(process.pid)
        self._running[name] = process
        return process

    def end(self, name: str) -> None:
        """Kill a program and all that it started."""
        process = self._running.pop(name)
        end_session(process.pid)
        process.wait()

    def end_all(self) -> None:
        """Kill all of them, the youngest first."""
        for name in reversed(list(self._running)):
            self.end(name)

    def runs(self, name: str) -> bool:
        """Whether a program was started and not ended by us."""
        return name in self._running

    def last_words(self, name: str) -> str:
        """Return the end of a program's log."""
        log = (self._logs / f"{name}.log").read_text("utf-8", "replace")
        return "\n".join(log.splitlines()[-TAIL_LINES:])

    def ended(self) -> list[str]:
        """Names of those that ended by themselves."""
        return [name for name, process in self._running.items() if process.poll() is not None]
