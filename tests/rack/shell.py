"""Runs programs of the system, in a namespace where one is named."""

import subprocess
from pathlib import Path


class RackError(Exception):
    """The rack could not be made or a program of it failed; the words are for people."""


def inside(namespace: str, *words: str) -> list[str]:
    """Return the command that runs another in a network namespace."""
    return ["ip", "netns", "exec", namespace, *words]


def run(*words: str | Path, check: bool = True, seconds: float = 60) -> str:
    """Run a program and return what it prints; raises RackError with its complaint."""
    try:
        done = subprocess.run(
            [str(word) for word in words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RackError(f"{words[0]}: {error}") from error
    if check and done.returncode:
        raise RackError(
            f"`{' '.join(map(str, words))}` failed: {(done.stderr or done.stdout).strip()}"
        )
    return done.stdout
