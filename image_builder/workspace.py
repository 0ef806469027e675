"""The folder in which one build works. A lock on it tells whether that build is alive."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from image_builder import leftovers, signals
from image_builder.errors import BuildError, no_space, wrong_usage
from image_builder.exit_codes import ExitCode

PREFIX = "bearman-image-"
LOCK = "lock"
KEPT = "kept"  # a file that says: leave this folder, also when its build has ended
FULL = 16 * 1024**2  # bytes: with less, a step that failed did so for want of space
NEEDED = 4 * 1024**3  # bytes: base, container, its export and the squashfs, with room


@dataclass(frozen=True)
class Workspace:
    """A folder that goes away with the build."""

    folder: Path

    @property
    def id(self) -> str:
        """Letters and digits that no other build on this machine has now."""
        return self.folder.name.removeprefix(PREFIX)

    @property
    def lxd(self) -> Path:
        """The folder of an LXD of its own (LXD_DIR)."""
        return self.folder / "lxd"


@contextmanager
def opened(parent: Path) -> Iterator[Workspace]:
    """Make the folder, having cleared away what killed builds left; remove it at the end."""
    try:
        parent.mkdir(parents=True, exist_ok=True)
        _require_passage(parent)
        clear_dead(parent)
        require_space(parent, NEEDED)
        folder, lock = _made(parent)
    except OSError as error:
        raise wrong_usage(f"{parent} cannot be written: {error.strerror}.") from None
    try:
        folder.chmod(0o711)  # the container's users pass through it
        yield Workspace(folder)
    finally:
        with signals.shielded():
            if not (folder / KEPT).exists():
                leftovers.clear(folder)
                shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)


def clear_dead(parent: Path) -> list[Path]:
    """Clear away what builds left that were killed; returns their folders."""
    dead = []
    for folder in parent.glob(f"{PREFIX}*"):
        lock = None if (folder / KEPT).exists() else _lock_of(folder)
        if lock is not None:
            leftovers.clear(folder)
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)
            dead.append(folder)
    return dead


def is_alive(folder: Path) -> bool:
    """True if the build of that folder goes on, or its LXD was kept."""
    if not folder.is_dir():
        return False
    lock = None if (folder / KEPT).exists() else _lock_of(folder)
    if lock is not None:
        os.close(lock)
    return lock is None


def require_space(folder: Path, needed: int) -> None:
    """Raise BuildError where the disk has less than `needed` bytes free."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise no_space(
            f"{folder} has {free / 1e9:.1f} GB free, and this needs {needed / 1e9:.1f} GB"
        )


@contextmanager
def fullness_told(*folders: Path) -> Iterator[None]:
    """Programs fail in many words where a disk is full: say that it is."""
    try:
        yield
    except BuildError as error:
        if error.exit_code is ExitCode.FAILED:
            for folder in folders:
                if shutil.disk_usage(folder).free < FULL:
                    raise no_space(error.message, log=error.log) from None
        raise


def _require_passage(parent: Path) -> None:
    """The users of an unprivileged container are nobody here, and must reach its files."""
    for folder in (parent.resolve(), *parent.resolve().parents):
        if not folder.stat().st_mode & 0o001:
            raise wrong_usage(
                f"{folder} lets only some users through, and a container's are others.",
                f"`chmod o+x {folder}`, or point BEARMAN_IMAGES_WORK_DIR elsewhere.",
            )


def _made(parent: Path) -> tuple[Path, int]:
    """Make the folder under a name that nobody looks for until it is locked."""
    new = Path(tempfile.mkdtemp(prefix=f".{PREFIX}", dir=parent))
    lock = os.open(new / LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    return new.rename(parent / new.name[1:]), lock


def _lock_of(folder: Path) -> int | None:
    """The lock of a folder whose build is dead; None where it lives, or is only being made."""
    try:
        descriptor = os.open(folder / LOCK, os.O_RDWR)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor
