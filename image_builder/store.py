"""The local store of images: a folder for each version, which appears only when complete."""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from image_builder import keys, manifest, signals
from image_builder.errors import BuildError, no_space, not_found, wrong_usage
from image_builder.exit_codes import ExitCode
from image_builder.manifest import File, Manifest

PART = ".part-"
PIECE = 1024 * 1024


@dataclass(frozen=True)
class Stored:
    """A version in the store."""

    folder: Path
    manifest: Manifest

    def __str__(self) -> str:
        return f"{self.manifest.name}/{self.manifest.version}"

    def path(self, kind: str) -> Path:
        """Where the file of that kind is."""
        return self.folder / self.manifest.files[kind].name

    def is_complete(self) -> bool:
        """True if every file is there with its size; does not read them."""
        try:
            return all(
                self.path(kind).stat().st_size == file.size
                for kind, file in self.manifest.files.items()
            )
        except OSError:
            return False


def versions(images: Path, name: str = "") -> list[Stored]:
    """All versions by name, the newest first; what is no image of its name is passed over."""
    found = []
    for path in images.glob(f"{name or '*'}/*/{manifest.NAME}"):
        if path.parent.name.startswith(".") or path.parent.parent.name.startswith("."):
            continue
        try:
            stored = read(path.parent)
        except BuildError:
            continue
        if path.parent.parts[-2:] == (stored.manifest.name, stored.manifest.version):
            found.append(stored)
    found.sort(key=lambda each: (each.manifest.built_at, each.manifest.version), reverse=True)
    return sorted(found, key=lambda each: each.manifest.name)


def read(folder: Path) -> Stored:
    """The image in a folder; raises BuildError for one that holds none."""
    try:
        with (folder / manifest.NAME).open("rb") as file:
            data = file.read(manifest.LIMIT + 1)
    except OSError as error:
        raise wrong_usage(f"{folder} holds no image: {error.strerror}.") from None
    return Stored(folder, manifest.decode(data))


def find(images: Path, text: str) -> Stored:
    """NAME (its newest version), NAME/VERSION, or a folder that holds an image."""
    if (Path(text) / manifest.NAME).is_file():
        return read(Path(text))
    name, _, version = text.partition("/")
    known = versions(images)
    found = [each for each in known if each.manifest.name == name]
    if version:
        found = [each for each in found if each.manifest.version == version]
    if found:
        return found[0]
    near = get_close_matches(text, [str(each) for each in known], n=3, cutoff=0.4)
    advice = f"Did you mean {' or '.join(near)}?" if near else f"{images} has none such."
    raise not_found(f"There is no image {text!r}.", advice)


def next_version(images: Path, name: str) -> str:
    """The day and a number, `2026-11-24.1`."""
    day = datetime.now(UTC).strftime("%Y-%m-%d")
    taken = {path.name for path in (images / name).glob(f"{day}.*")}
    return next(f"{day}.{n}" for n in range(1, 10_000) if f"{day}.{n}" not in taken)


def target_of(images: Path, name: str, version: str) -> Path:
    """The folder of a version that is to be made; raises BuildError where it is there already."""
    if not manifest.IMAGE_NAME.fullmatch(name):
        raise wrong_usage(f"{name!r} is not a name: letters, digits, `_.-`, at most 50.")
    if not manifest.VERSION.fullmatch(version):
        raise wrong_usage(
            f"{version!r} is not a version.",
            "It has 1 to 64 letters, digits or `._+-`, and begins with a letter or digit.",
        )
    target = images / name / version
    if target.exists():
        raise BuildError(
            ExitCode.REFUSED,
            f"{name}/{version} is there already.",
            "Leave --version out for the next number, or give another one.",
        )
    return target


@contextmanager
def part(target: Path) -> Iterator[Path]:
    """A folder beside the target to fill; what is left of it in the end goes away."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _clear_dead_parts(target.parent)
        folder = Path(tempfile.mkdtemp(prefix=PART, dir=target.parent))
    except OSError as error:
        raise wrong_usage(f"{target.parent} cannot be written: {error.strerror}.") from None
    lock = os.open(folder, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        yield folder
    except OSError as error:
        if error.errno in {28, 122}:  # ENOSPC, EDQUOT of errno(3)
            raise no_space(f"{folder} cannot be written") from None
        raise
    finally:
        with signals.shielded():
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)


def _clear_dead_parts(folder: Path) -> None:
    for old in folder.glob(f"{PART}*"):
        lock = os.open(old, os.O_RDONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(old, ignore_errors=True)
        except OSError:  # its build goes on
            continue
        finally:
            os.close(lock)


def describe(folder: Path) -> dict[str, File]:
    """Kind, name, SHA-256 and size of each artefact in the folder."""
    found = {}
    for kind, name in manifest.FILE_NAMES.items():
        path = folder / name
        if path.is_file():
            found[kind] = File(name, sha256(path), path.stat().st_size)
    return found


def finish(folder: Path, target: Path, wanted: Manifest, key: Ed25519PrivateKey) -> Stored:
    """Write and sign the manifest, verify all by reading it back, and give it its final name."""
    data = wanted.encode()
    (folder / manifest.NAME).write_bytes(data)
    (folder / manifest.SIGNATURE).write_bytes(keys.sign(key, data))
    for path in folder.iterdir():
        path.chmod(0o644)
        _sync(path)
    verify(read(folder))
    folder.chmod(0o755)
    try:
        folder.rename(target)
    except OSError:
        target_of(target.parent.parent, wanted.name, wanted.version)  # somebody was quicker
        raise
    _sync(target.parent)
    folder.mkdir()  # for `part` to remove
    return Stored(target, wanted)


def verify(stored: Stored) -> None:
    """Raise BuildError unless every file is what the manifest says."""
    for kind in stored.manifest.files:
        verify_file(stored, kind)


def verify_file(stored: Stored, kind: str) -> None:
    """The same for one file."""
    path, file = stored.path(kind), stored.manifest.files[kind]
    try:
        size, digest = path.stat().st_size, sha256(path)
    except OSError as error:
        raise damaged(path, f"it cannot be read: {error.strerror}") from None
    if size != file.size:
        raise damaged(path, f"it has {size} bytes, and its manifest says {file.size}")
    if digest != file.sha256:
        raise damaged(path, "its SHA-256 is not that of its manifest")


def damaged(path: Path, why: str) -> BuildError:
    """A file is not what its manifest says."""
    return BuildError(
        ExitCode.DAMAGED, f"{path} is damaged: {why}.", "Build the image again, with --force."
    )


def sha256(path: Path) -> str:
    """SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
