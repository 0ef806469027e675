"""bearman-cli and all that it needs, as wheels for the image's Python."""

import hashlib
import re
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from image_builder import programs, tree_hash
from image_builder.errors import BuildError
from image_builder.exit_codes import ExitCode
from image_builder.settings import CHECKOUT, PACKAGE

# Oldest glibc first: 2.17 (CentOS 7) to 2.34 (CentOS Stream 9). PEP 600.
PLATFORMS = (
    "manylinux2014_x86_64",
    "manylinux_2_17_x86_64",
    "manylinux_2_28_x86_64",
    "manylinux_2_34_x86_64",
)
CONSTRAINTS = PACKAGE / "wheels.txt"
SOURCES = (CHECKOUT / "bearman_cli", CHECKOUT / "protos")


def digest(python: str) -> str:
    """Hash of what the wheels are made from."""
    parts = [python, *PLATFORMS, CONSTRAINTS.read_text(), *map(tree_hash.of, SOURCES)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def ensure(python: str, folder: Path) -> Path:
    """A folder with the wheels for that version of Python; filled where it is not there."""
    target = folder / f"{python}-{digest(python)[:16]}"
    if target.is_dir():
        return target
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder, prefix=".part-") as scratch:
        made = Path(scratch, "wheels")
        made.mkdir()
        own = _build_own(Path(scratch), made)
        _download(own, python, made)
        _remove_stale(folder, python)
        made.rename(target)
    return target


def _build_own(scratch: Path, target: Path) -> Path:
    """Build bearman-cli's wheel from a copy, so that nothing is written into the checkout."""
    for source in SOURCES:
        shutil.copytree(
            source, scratch / source.name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc")
        )
    isolated = ["--no-build-isolation"] if find_spec("hatchling") else []
    programs.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", *isolated,
         "--wheel-dir", str(target), str(scratch / "bearman_cli")],
        "Building the wheel of bearman-cli",
    )  # fmt: skip
    (wheel,) = target.glob("bearman_cli-*.whl")
    return wheel


def _download(wheel: Path, python: str, target: Path) -> None:
    try:
        programs.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--only-binary=:all:",
             "--python-version", python, "--implementation", "cp",
             *(f"--platform={platform}" for platform in PLATFORMS),
             "--constraint", str(CONSTRAINTS), "--dest", str(target), str(wheel)],
            "Fetching what bearman-cli needs from PyPI",
        )  # fmt: skip
    except BuildError as error:
        if error.exit_code is ExitCode.NO_SPACE:
            raise
        raise BuildError(
            ExitCode.NO_BASE,
            f"What bearman-cli needs could not be fetched for Python {python}.",
            "Check the network, and that PyPI has wheels for it.",
            log=error.log,
        ) from None


def _remove_stale(folder: Path, python: str) -> None:
    for old in folder.iterdir():
        if re.fullmatch(rf"{re.escape(python)}-[0-9a-f]{{16}}", old.name):
            shutil.rmtree(old, ignore_errors=True)
