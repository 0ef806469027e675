"""Ends a process with the supervisor that started it, also when that one is killed."""

import ctypes
import os
import signal
import sys

VARIABLE = "BEARMAN_SUPERVISOR_PID"
_PR_SET_PDEATHSIG = 1  # prctl(2): the signal to send to this process when its parent dies


def environment() -> dict[str, str]:
    """Return the environment for a process that shall end with this one."""
    return os.environ | {VARIABLE: str(os.getpid())}


def follow(number: signal.Signals = signal.SIGTERM) -> None:
    """If a supervisor started this process, get signal `number` when it dies.

    Survives execve(2); Linux only.
    """
    supervisor = os.environ.pop(VARIABLE, "")
    if not supervisor or sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)
    if os.getppid() != int(supervisor):  # it died before we asked
        sys.exit(1)
