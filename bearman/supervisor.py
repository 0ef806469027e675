"""Runs Bearman's processes in the foreground: logs with a name in front, restarts, a clean end."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from bearman.lib import parent

GRACE_SECONDS = 10  # between SIGTERM and SIGKILL
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 15.0
STEADY_SECONDS = 30  # a process that ran this long is not in a crash loop


class Output(Protocol):
    """Where the lines go."""

    def write(self, text: str, /) -> object:
        """Write text."""

    def flush(self) -> None:
        """See that it is out."""


@dataclass
class Process:
    """One process to keep running: its name in the log, and its command line."""

    name: str
    command: list[str]
    running: subprocess.Popen[str] | None = None
    started: float = 0.0
    pause: float = FIRST_PAUSE_SECONDS
    due: float = field(default_factory=time.monotonic)


class Supervisor:
    """Keeps processes running until SIGTERM or Ctrl-C, then ends them and waits for the end."""

    def __init__(
        self, processes: list[Process], *, out: Output, every_second: Callable[[], None]
    ) -> None:
        """`every_second` is called about once a second, for what else must be kept alive."""
        self._processes = processes
        self._out = out
        self._every_second = every_second
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._width = max(len(process.name) for process in processes)

    def run(self) -> None:
        """Start all, watch them, and return once all have ended after a signal."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stop.set())
        try:
            while not self._stop.is_set():
                for process in self._processes:
                    self._look_after(process)
                self._every_second()
                self._stop.wait(1.0)
        finally:
            self._end_all()

    def say(self, name: str, line: str) -> None:
        """Write one line with the name of its process in front."""
        with self._lock:
            self._out.write(f"{name:<{self._width}} | {line}\n")
            self._out.flush()

    def _look_after(self, process: Process) -> None:
        now = time.monotonic()
        child = process.running
        if child is not None and child.poll() is not None:
            steady = now - process.started > STEADY_SECONDS
            process.pause = (
                FIRST_PAUSE_SECONDS if steady else min(process.pause * 2, LONGEST_PAUSE_SECONDS)
            )
            process.running, process.due = None, now + process.pause
            words = f"ended with {child.returncode}; starts again in {process.pause:.0f} s"
            self.say(process.name, words)
        if process.running is None and now >= process.due and not self._stop.is_set():
            self._start(process)

    def _start(self, process: Process) -> None:
        child = subprocess.Popen(
            process.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,  # Ctrl-C reaches us alone, and we end them in order
            env=parent.environment(),
        )
        process.running, process.started = child, time.monotonic()
        threading.Thread(target=self._copy, args=(process.name, child), daemon=True).start()

    def _copy(self, name: str, child: subprocess.Popen[str]) -> None:
        assert child.stdout is not None
        for line in child.stdout:
            self.say(name, line.rstrip("\n"))

    def _end_all(self) -> None:
        for child in self._children():
            _signal_group(child, signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        for child in self._children():
            with suppress(subprocess.TimeoutExpired):
                child.wait(max(0.0, deadline - time.monotonic()))
        for child in self._children():
            _signal_group(child, signal.SIGKILL)
            child.wait()

    def _children(self) -> Iterator[subprocess.Popen[str]]:
        return (process.running for process in self._processes if process.running is not None)


def python(*arguments: str) -> list[str]:
    """Return a command line that runs this Python with `arguments`."""
    return [sys.executable, *arguments]


def _signal_group(child: subprocess.Popen[str], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(child.pid, number)
