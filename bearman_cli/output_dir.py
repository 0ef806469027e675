"""Hands the checked answer to a POSIX shell: a file for each value, nothing to evaluate."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bearman_cli.answer import BMC_FIELDS, Value
from bearman_cli.errors import wrong_usage

FILES = ("node_id", *BMC_FIELDS, "reason", "advice", "status")
SECRETS = {"bmc_password"}


def prepare(folder: Path) -> None:
    """Make the folder and take away an older answer, so that two never mix."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in FILES:
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from None


def write(folder: Path, values: Mapping[str, Value]) -> None:
    """Write a line into each file, or nothing for None; `status` comes last, when all is there."""
    try:
        for name in FILES:
            _replace(folder / name, values[name])
    except OSError as error:
        raise _unwritable(folder, error) from None


def _replace(path: Path, value: Value) -> None:
    """Put a whole file in place at once, never readable for more people than in the end."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("" if value is None else f"{value}\n")
        os.fchmod(descriptor, 0o600 if path.name in SECRETS else 0o644)
    Path(temporary).replace(path)


def _unwritable(folder: Path, error: OSError) -> Exception:
    return wrong_usage(f"{error.filename or folder} cannot be written: {error.strerror}.")
