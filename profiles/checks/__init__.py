"""Whether a rendered configuration is good, by the format's own checker. No Django.

Where a checker is not installed, only what Bearman itself can see is looked at.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from profiles.checks import autoinstall, cloud_init, kickstart, preseed

MAX_PROBLEMS, MAX_LENGTH = 20, 500

Files = Mapping[str, str]  # by name, as the renderer of the format makes them


@dataclass(frozen=True, slots=True)
class Checked:
    """Which program looked (empty: none that is not Bearman's own), and what is wrong."""

    checker: str
    problems: list[str]


_CHECKERS: dict[str, Callable[[Files], tuple[str, list[str]]]] = {
    "preseed": preseed.check,
    "kickstart": kickstart.check,
    "autoinstall": autoinstall.check,
    "cloud-init": cloud_init.check,
}


def check(config_format: str, files: Files) -> Checked:
    """Run a format's checkers on its files; takes up to a second."""
    if config_format not in _CHECKERS:
        return Checked("", [])
    checker, problems = _CHECKERS[config_format](files)
    return Checked(checker, [problem[:MAX_LENGTH] for problem in problems[:MAX_PROBLEMS]])
