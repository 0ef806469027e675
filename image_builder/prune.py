"""Removes old versions from the local store, and what the cache no longer needs."""

import shutil
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from image_builder import store
from image_builder.settings import Settings

UNUSED_DAYS = 30  # a base or a package that no build used for so long goes
DEAD_DAYS = 1  # what a build has only begun to fetch or make for so long, it will not end


@dataclass(frozen=True)
class Item:
    """Something to remove: what it is in words, where it is, how many bytes it frees."""

    label: str
    path: Path
    size: int


def old_versions(images: Path, *, keep: int, current: Collection[str]) -> list[Item]:
    """All but the newest `keep` of each image, and none of `current` (NAME/VERSION)."""
    seen: dict[str, int] = {}
    found = []
    for each in store.versions(images):
        seen[each.manifest.name] = seen.get(each.manifest.name, 0) + 1
        if seen[each.manifest.name] > keep and str(each) not in current:
            found.append(Item(str(each), each.folder, size_of(each.folder)))
    return found


def old_cache(settings: Settings) -> list[Item]:
    """Bases and packages that no build used for UNUSED_DAYS, and what killed builds left."""
    found = []
    for folder in ("bases", "packages"):
        for path in sorted((settings.cache / folder).glob("[!.]*")):
            status = path.stat()
            if _is_older(max(status.st_mtime, status.st_atime), UNUSED_DAYS):
                found.append(Item(f"kept {folder}: {path.name}", path, status.st_size))
    begun = [*settings.cache.glob(f"{store.PART}*"), *settings.cache.glob(f"*/{store.PART}*")]
    for path in sorted(begun):
        if _is_older(path.stat().st_mtime, DEAD_DAYS):
            found.append(Item(f"of a killed build: {path.name}", path, size_of(path)))
    return found


def _is_older(moment: float, days: int) -> bool:
    return moment < time.time() - days * 86_400


def remove(items: list[Item]) -> None:
    """Take each out of sight first, so that no half of one is ever found."""
    for item in items:
        hidden = item.path.with_name(f"{store.PART}{item.path.name}")
        item.path.rename(hidden)
        if hidden.is_dir():
            shutil.rmtree(hidden)
        else:
            hidden.unlink()


def size_of(folder: Path) -> int:
    """Bytes of a file, or of all files of a folder."""
    files = (folder, *folder.rglob("*"))
    return sum(path.stat().st_size for path in files if path.is_file())
