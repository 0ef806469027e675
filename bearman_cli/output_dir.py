"""Hands the checked answer to a POSIX shell: a file for each value, nothing to evaluate."""

import os
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bearman_cli.answer import Value
from bearman_cli.errors import CliError, wrong_usage
from bearman_cli.text import clean

# What a refusal leaves, and every answer has besides its own: why, and what to do about it.
WORDS = ("reason", "advice", "issue")
LAST = "status"  # written when all the others are there
SECRETS = {"bmc_password"}


@contextmanager
def answering(folder: Path | None, names: Collection[str]) -> Iterator[None]:
    """Take an older answer away, so that two never mix, and keep why a call was refused.

    `names` are the verb's own values. A refusal leaves WORDS, and no `status`.
    """
    if folder is None:
        yield
        return
    _prepare(folder, (LAST, *WORDS, *names))
    try:
        yield
    except CliError as error:
        words = (error.message, error.advice, error.issue)
        write(folder, dict(zip(WORDS, map(clean, words), strict=True)))
        raise


def write(folder: Path, values: Mapping[str, Value]) -> None:
    """Write a line into each file, or nothing for None; the status comes last."""
    try:
        for name in sorted(values, key=lambda name: name == LAST):
            _replace(folder / name, values[name])
    except OSError as error:
        raise unwritable(folder, error) from None


def _prepare(folder: Path, names: Collection[str]) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in names:
            path = folder / name
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(folder, error) from None


def _replace(path: Path, value: Value) -> None:
    """Put a whole file in place at once, never readable for more people than in the end."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("" if value in (None, "") else f"{_text(value)}\n")
        os.fchmod(descriptor, 0o600 if path.name in SECRETS else 0o644)
    Path(temporary).replace(path)


def _text(value: Value) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def unwritable(folder: Path, error: OSError) -> CliError:
    """The error of a folder that cannot be written."""
    return wrong_usage(f"{error.filename or folder} cannot be written: {error.strerror}.")
