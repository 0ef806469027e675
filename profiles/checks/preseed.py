"""Preseed: `debconf-set-selections -c`, of Debian's package debconf."""

import re
from collections.abc import Mapping

from profiles.checks import program

CHECKER = "debconf-set-selections"
# The installer runs one command of each of these; the last line wins without a word.
_ONCE = ("preseed/early_command", "partman/early_command", "preseed/late_command")


def check(files: Mapping[str, str]) -> tuple[str, list[str]]:
    """Return the checker's name, or an empty one, and what is wrong.

    The checker only warns of a type that it does not know, and ends with 0: a warning is a problem.
    """
    text = files["preseed.cfg"]
    problems = [
        f"{name} is there more than once, and the installer runs only the last one."
        for name in _ONCE
        if len(re.findall(rf"^\s*\S+\s+{name}\s", text, re.MULTILINE)) > 1
    ]
    if text.rstrip().endswith("\\"):
        problems.append("The last line ends with `\\`, as if it went on.")
    if not program.installed(CHECKER):
        return "", problems
    return CHECKER, problems + program.run([CHECKER, "-c", "preseed.cfg"], files).lines
