"""Hashes of folders: of names, contents and whether a file may be run, not of times."""

import hashlib
import os
from pathlib import Path

LEFT_OUT = {"__pycache__", ".pytest_cache", ".mypy_cache"}


def of(path: Path) -> str:
    """SHA-256 of a file or a folder with all below it; of nothing where it is missing."""
    total = hashlib.sha256()
    for each in sorted(_files(path)):
        name = str(each.relative_to(path)) if each != path else ""
        kind = "l" if each.is_symlink() else "x" if os.access(each, os.X_OK) else "f"
        content = os.readlink(each).encode() if each.is_symlink() else each.read_bytes()
        total.update(f"{kind} {name}\0{len(content)}\0".encode() + content)
    return total.hexdigest()


def _files(path: Path) -> list[Path]:
    if path.is_file() or path.is_symlink():
        return [path]
    found = []
    for folder, folders, names in os.walk(path):
        folders[:] = [name for name in folders if name not in LEFT_OUT]
        found += [Path(folder, name) for name in names if not name.endswith((".pyc", ".swp", "~"))]
    return found
