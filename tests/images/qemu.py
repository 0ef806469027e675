"""Boots an image in QEMU: what its serial console shows, line by line, each with its time.

The guest has user-mode networking: 10.0.2.2 in it is this machine's loopback.

Without hardware's help QEMU keeps what it has translated until its buffer is full, and writing to
a page that it has translated from is very slow: with the buffer of QEMU 7.2 (a gigabyte) the step
from initramfs to systemd takes 16 to 50 s, in which memory is cleared; with 32 MiB it takes two.
"""

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Condition, Thread

import psutil

HOST = "10.0.2.2"  # this machine's loopback, seen from the guest
PROGRAM = "qemu-system-x86_64"
ESCAPES = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z]|[()][A-Z0-9]|[=>78cM])")


class NotSeenError(AssertionError):
    """The console did not show in time what was waited for; the message has its last lines."""


@dataclass(frozen=True)
class Line:
    """A line of the console, `at` seconds after power-on and `work` of a processor's seconds."""

    at: float
    work: float
    text: str


@dataclass
class Console:
    """The serial console of a machine that runs."""

    began: float
    process: psutil.Process
    lines: list[Line] = field(default_factory=list)
    ended: bool = False
    _more: Condition = field(default_factory=Condition)

    def wait_for(self, pattern: str, seconds: float) -> Line:
        """Return the first line that matches; NotSeenError after `seconds` since power-on."""
        wanted = re.compile(pattern)
        seen = 0
        with self._more:
            while True:
                for line in self.lines[seen:]:
                    if wanted.search(line.text):
                        return line
                seen = len(self.lines)
                left = self.began + seconds - time.monotonic()
                if self.ended or left <= 0:
                    raise NotSeenError(f"no line with {pattern!r}; the last ones:\n{self.tail(40)}")
                self._more.wait(left)

    def has(self, pattern: str) -> bool:
        """Whether a line matches until now."""
        return any(re.search(pattern, line.text) for line in list(self.lines))

    def tail(self, count: int) -> str:
        """Return the last lines, each with its time."""
        return "\n".join(f"{line.at:7.1f} {line.text}" for line in self.lines[-count:])

    def follow(self, chunks: Iterator[bytes]) -> None:
        """Take all that comes, until the machine is off."""
        rest = ""
        for chunk in chunks:
            *whole, rest = (rest + chunk.decode("utf-8", "replace")).split("\n")
            self._add(whole)
        self._add([rest], ended=True)

    def _add(self, texts: list[str], *, ended: bool = False) -> None:
        at, work = time.monotonic() - self.began, self._work()
        with self._more:
            self.lines += [Line(at, work, ESCAPES.sub("", text).strip("\r")) for text in texts]
            self.ended = ended
            self._more.notify_all()

    def _work(self) -> float:
        with suppress(psutil.NoSuchProcess):
            times = self.process.cpu_times()
            return float(times.user + times.system)
        return 0.0


@contextmanager
def booted(
    kernel: Path,
    initramfs: Path,
    append: str,
    *,
    memory: int = 1536,
    accel: str = "tcg,thread=multi,tb-size=32",
    more: tuple[str, ...] = (),
) -> Iterator[Console]:
    """Boot a kernel with the serial console on; the machine is off afterwards, whatever happens.

    `memory` is in MiB. A restart of the guest ends it, so that it shows as `ended`.
    """
    command = [
        *(PROGRAM, "-accel", accel, "-cpu", "qemu64", "-m", str(memory)),
        *("-display", "none", "-monitor", "none", "-serial", "stdio", "-no-reboot", "-nodefaults"),
        *("-netdev", "user,id=n0,hostname=guest", "-device", "virtio-net-pci,netdev=n0,romfile="),
        *("-device", "virtio-rng-pci"),
        *("-kernel", str(kernel), "-initrd", str(initramfs)),
        *("-append", f"{append} console=ttyS0", *more),
    ]
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    console = Console(time.monotonic(), psutil.Process(process.pid))
    reader = Thread(target=console.follow, args=(chunks(process),), daemon=True)
    reader.start()
    try:
        yield console
    finally:
        process.kill()
        process.wait()
        reader.join(10)


def chunks(process: subprocess.Popen[bytes]) -> Iterator[bytes]:
    """Yield what a process prints, as it comes."""
    assert process.stdout is not None
    while chunk := process.stdout.read1(65536):  # type: ignore[attr-defined]
        yield chunk


def missing() -> str:
    """Return what has to be installed for a boot; empty where all is there."""
    return "" if shutil.which(PROGRAM) else "qemu-system-x86: apt-get install qemu-system-x86"
