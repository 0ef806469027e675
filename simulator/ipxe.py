"""Runs iPXE scripts as far as a simulated machine needs: https://ipxe.org/scripting.

Nothing is fetched: `kernel` and `initrd` succeed and are remembered, and `boot` ends the run.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

MAGIC = "#!ipxe"
MAX_COMMANDS = 1000  # a script that goes in circles ends here
VARIABLE = re.compile(r"\$\{([^{}]*)\}")
OPERATOR = re.compile(r"(?:^|\s)(\|\||&&)(?=\s|$)")


class ScriptError(Exception):
    """iPXE would stop at this script."""


@dataclass(frozen=True, slots=True)
class BootKernel:
    """The script booted the kernel at a URL with this command line and these initramfs pieces."""

    arguments: str
    kernel: str = ""
    initrds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chain:
    """The script goes on with the one at this URL."""

    url: str


@dataclass(frozen=True, slots=True)
class Reboot:
    """The script restarts the machine, which asks again."""


@dataclass(frozen=True, slots=True)
class LocalDisk:
    """The script starts what is on the first disk."""


@dataclass(frozen=True, slots=True)
class NextDevice:
    """The script ended: firmware tries the next boot device. `said` is its first echo."""

    said: str


Ending = BootKernel | Chain | Reboot | LocalDisk | NextDevice


class Interpreter:
    """One run of one script. `sleep` is called with seconds; `said` collects what was echoed."""

    def __init__(
        self, script: str, variables: Mapping[str, str], sleep: Callable[[float], object]
    ) -> None:
        self._lines = script.splitlines()
        if not self._lines or self._lines[0].strip() != MAGIC:
            raise ScriptError(f"the script does not begin with {MAGIC}")
        self._variables = dict(variables)
        self._sleep = sleep
        self._position = 1
        self._kernel = ""
        self._initrds: list[str] = []
        self._failed = False
        self.said: list[str] = []

    def run(self) -> Ending:
        """Run to the end; raises ScriptError."""
        for _ in range(MAX_COMMANDS):
            if self._position >= len(self._lines):
                return self._next_device()
            line = self._lines[self._position].strip()
            self._position += 1
            if line and not line.startswith(("#", ":")):
                ending = self._command_line(line)
                if ending is not None:
                    return ending
        raise ScriptError(f"the script has not ended after {MAX_COMMANDS} lines")

    def _command_line(self, line: str) -> Ending | None:
        """Run the commands of a line; one that fails at its end is the end of the script."""
        self._failed = skip = False
        for part in OPERATOR.split(line):
            if part in ("||", "&&"):
                skip = self._failed == (part == "&&")
            elif not skip:
                self._failed = False
                ending = self._command(*self._expand(part).split(maxsplit=1))
                if ending is not None:
                    return ending
        return self._next_device() if self._failed else None

    def _expand(self, text: str) -> str:
        return VARIABLE.sub(lambda match: self._variables.get(match[1], ""), text)

    def _command(self, name: str = "", rest: str = "") -> Ending | None:
        match name:
            case "boot":
                return self._boot()
            case "chain":
                return Chain(_without_options(rest).split(maxsplit=1)[0])
            case "reboot":
                return Reboot()
            case "sanboot":
                return LocalDisk()
            case "exit":
                return self._next_device()
        self._action(name, rest)
        return None

    def _action(self, name: str, rest: str) -> None:
        match name:
            case "echo":
                self.said.append(rest)
            case "set":
                self._set(rest)
            case "kernel":
                self._kernel = _without_options(rest)
            case "initrd":
                self._initrds.append(_without_options(rest).split(maxsplit=1)[0])
            case "iseq":
                self._failed = len(set(rest.split(maxsplit=1))) != 1 or " " not in rest
            case "imgfree":
                self._kernel, self._initrds = "", []
            case "sleep":
                self._sleep(_seconds(rest))
            case "goto":
                self._goto(rest.strip())
            case "" | "isset" | "dhcp" | "ifconf" | "ifopen":
                pass
            case _:
                raise ScriptError(f"{name}: command not found")

    def _set(self, rest: str) -> None:
        name, _, value = rest.partition(" ")
        self._variables[name] = value.strip()

    def _goto(self, label: str) -> None:
        for number, line in enumerate(self._lines):
            if line.strip() == f":{label}":
                self._position = number + 1
                return
        raise ScriptError(f"there is no label {label}")

    def _boot(self) -> BootKernel:
        if not self._kernel:
            raise ScriptError("boot without a kernel")
        kernel, _, arguments = self._kernel.partition(" ")
        return BootKernel(arguments, kernel, tuple(self._initrds))

    def _next_device(self) -> NextDevice:
        return NextDevice(self.said[0] if self.said else "the script ended without a word")


def _without_options(rest: str) -> str:
    """What stands after the leading options; `--name` and `--timeout` take a value."""
    words = rest.split(" ")
    while words and words[0].startswith("--"):
        words = words[2:] if words[0] in ("--name", "--timeout") else words[1:]
    if not words or not words[0]:
        raise ScriptError("an image has no URL")
    return " ".join(words)


def _seconds(text: str) -> float:
    if not text.strip().isdecimal():
        raise ScriptError(f"sleep {text!r} is not a number of seconds")
    return float(text)
