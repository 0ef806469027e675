"""Makes a signed image of files that came from elsewhere, such as a distribution's installer."""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from image_builder import append, keys, store, workspace
from image_builder.errors import wrong_usage
from image_builder.manifest import FILE_NAMES, KINDS, Manifest
from image_builder.settings import Settings
from image_builder.store import Stored


@dataclass(frozen=True, kw_only=True)
class Foreign:
    """What is to be packed."""

    name: str
    version: str
    kind: str
    append: str
    files: dict[str, Path]


def run(foreign: Foreign, settings: Settings, images: Path) -> Stored:
    """Copy, describe, sign, and give it its place in the store."""
    if foreign.kind not in KINDS:
        raise wrong_usage(f"{foreign.kind!r} is not a kind.", f"It is {', '.join(KINDS)}.")
    if fault := append.fault(foreign.append):
        raise wrong_usage(f"--append cannot be used: {fault}.")
    version = foreign.version or store.next_version(images, foreign.name)
    target = store.target_of(images, foreign.name, version)
    key, _ = keys.ensure(settings.keys)
    with store.part(target) as part:
        for kind, path in foreign.files.items():
            _copy(path, part / FILE_NAMES[kind])
        manifest = Manifest(
            name=foreign.name,
            version=version,
            kind=foreign.kind,
            built_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            append=foreign.append,
            files=store.describe(part),
        )
        return store.finish(part, target, manifest, key)


def _copy(source: Path, target: Path) -> None:
    try:
        size = source.stat().st_size
    except OSError as error:
        raise wrong_usage(f"{source} cannot be read: {error.strerror}.") from None
    if not source.is_file() or not size:
        raise wrong_usage(f"{source} is not a file, or it is empty.")
    workspace.require_space(target.parent, size)
    shutil.copyfile(source, target)
