"""The exit codes of image_builder; 0 to 6 mean what they mean for bearman-cli."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What a script may rely on; docs/images.md shows the same table."""

    OK = 0
    UNEXPECTED = 1
    USAGE = 2
    UNREACHABLE = 3
    DENIED = 4
    NOT_FOUND = 5
    REFUSED = 6
    MACHINE = 7
    NO_SPACE = 8
    NO_BASE = 9
    FAILED = 10
    DAMAGED = 11
    INTERRUPTED = 130


MEANINGS = {
    ExitCode.OK: "done, also where nothing had changed since the last build",
    ExitCode.UNEXPECTED: "an error that nobody foresaw, here or in the server",
    ExitCode.USAGE: "wrong options, a faulty recipe, or a file that cannot be read or written",
    ExitCode.UNREACHABLE: "Bearman, the storage or another server did not answer",
    ExitCode.DENIED: "no token, or one that may not do this; a key that is not accepted",
    ExitCode.NOT_FOUND: "there is no such recipe, image, version or key",
    ExitCode.REFUSED: "refused as it is: a version that is there already, or Bearman said no",
    ExitCode.MACHINE: "this machine cannot build: not root, no LXD, or a program is missing",
    ExitCode.NO_SPACE: "no space is left, here or in the storage",
    ExitCode.NO_BASE: "the base, or something else that is fetched for it, could not be had",
    ExitCode.FAILED: "a step of the build failed: a task of a role, the clean-up, the export",
    ExitCode.DAMAGED: "a file is not what its manifest says, or a manifest is none",
    ExitCode.INTERRUPTED: "ended with Ctrl-C or SIGTERM, all cleared away; or answered with no",
}


def help_text() -> str:
    """The table for the end of `--help`; `\\b` keeps click from joining its lines."""
    lines = [f"{code.value:>5}  {meaning}" for code, meaning in MEANINGS.items()]
    return "\n".join(["\b", "Exit codes:", *lines])
