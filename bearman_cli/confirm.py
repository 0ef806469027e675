"""Asks before something is done that cannot be undone."""

import sys

from bearman_cli.errors import CliError, wrong_usage
from bearman_cli.exit_codes import ExitCode
from bearman_cli.text import clean


def require(question: str, *, yes: bool) -> None:
    """Return if the user agrees: with `yes`, or with an answer at the terminal; else CliError."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise wrong_usage("There is no terminal at which to ask.", "Give --yes to do it unasked.")
    print(f"{clean(question)} [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        raise CliError(ExitCode.INTERRUPTED, "Nothing was done.")
