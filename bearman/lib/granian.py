"""Turns a process into granian, the web server."""

import os
import sys
from typing import NoReturn

from bearman.lib import parent
from bearman.lib.ports import split_bind


def command(application: str, *, interface: str, bind: str, workers: int) -> list[str]:
    """Return the command line, to which options may be added; ValueError if `bind` is none.

    `interface` is wsgi or asginl.
    """
    host, port = split_bind(bind)
    return [
        *(sys.executable, "-m", "granian", application, "--interface", interface),
        *("--host", host, "--port", str(port), "--workers", str(workers)),
        *("--respawn-failed-workers", "--no-access-log", "--log-level", "warning"),
    ]


def become(command: list[str]) -> NoReturn:
    """Replace this process, so that signals reach granian as they are.

    granian's workers follow it, as it follows the supervisor that started this process.
    """
    os.environ |= parent.environment()
    os.execv(command[0], command)  # noqa: S606, no shell is wanted
