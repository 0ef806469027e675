"""Runs a checker on files in a folder of its own: no shell, no input, a time limit."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

SECONDS = 20
MAX_OUTPUT = 20_000  # characters
# Beside the interpreter are the programs of Bearman's own packages; the last are Debian's.
_PATH = os.pathsep.join(
    [str(Path(sys.executable).parent), os.environ.get("PATH", ""), "/usr/sbin", "/usr/bin"]
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The exit code (-1: it was stopped) and all that the program wrote."""

    code: int
    output: str

    @property
    def lines(self) -> list[str]:
        """Return the output's lines that are not empty."""
        return [line.strip() for line in self.output.splitlines() if line.strip()]


def installed(name: str) -> bool:
    """Say whether the program is there."""
    return shutil.which(name, path=_PATH) is not None


def run(arguments: Sequence[str], files: Mapping[str, str]) -> Outcome:
    """Run a program in a new folder that has just these files, and say how it ended."""
    with TemporaryDirectory(prefix="bearman-check-") as folder:
        for name, text in files.items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        try:
            done = subprocess.run(
                [str(shutil.which(arguments[0], path=_PATH)), *arguments[1:]],
                cwd=folder,
                env={"PATH": _PATH, "LC_ALL": "C.UTF-8", "HOME": folder, "TMPDIR": folder},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Outcome(-1, f"{arguments[0]} did not end within {SECONDS} s")
        text = done.stdout.decode("utf-8", "replace")[:MAX_OUTPUT]
        return Outcome(done.returncode, text.replace(f"{folder}/", ""))
