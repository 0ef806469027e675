"""Removes kernel modules that the list does not name, and firmware that none of the rest asks for.

Runs in the image, with its own Python: `trim-modules.py LIST`. Prints what stays, in MiB.
"""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

MODULES = Path("/lib/modules")
FIRMWARE = Path("/lib/firmware").resolve()  # /lib may be a link; links below it are compared
SUFFIXES = (".ko", ".ko.xz", ".ko.zst", ".ko.gz")


def listed(path: Path) -> set[str]:
    """Names in the list; the words before two blanks, after the word that says where."""
    names: set[str] = set()
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            _, rest = line.split(maxsplit=1)
            names |= {plain(name) for name in rest.split("  ")[0].split()}
    return names


def plain(name: str) -> str:
    """A module's name as the kernel writes it."""
    name = name.rsplit("/", maxsplit=1)[-1]
    return name.split(".ko", maxsplit=1)[0].replace("-", "_")


def closure(tree: Path, wanted: set[str]) -> set[Path]:
    """Files of the wanted modules and of all that they need; depmod has listed those in full."""
    kept: set[Path] = set()
    for line in (tree / "modules.dep").read_text().splitlines():
        path, _, needs = line.partition(":")
        if plain(path) in wanted:
            kept |= {tree / path, *(tree / needed for needed in needs.split())}
    return kept


def softdeps(tree: Path, wanted: set[str]) -> set[str]:
    """The wanted modules and those that they softly depend on, without which some do nothing."""
    found = set(wanted)
    for line in (tree / "modules.softdep").read_text().splitlines():
        words = line.split()
        if words[:1] == ["softdep"] and plain(words[1]) in wanted:
            found |= {plain(word) for word in words[2:] if word not in ("pre:", "post:")}
    return found


def remove(paths: Iterable[Path]) -> None:
    """Remove files."""
    for path in paths:
        path.unlink()


def trim_firmware(kept: set[Path]) -> None:
    """Remove firmware that no kept module names, and links that lead nowhere after that."""
    if not FIRMWARE.is_dir():
        return
    asked = ["modinfo", "-F", "firmware", *map(str, sorted(kept))]
    names = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.split()
    patterns = [name for name in names if "*" in name]
    wanted = {target for name in names for target in firmware_files(name)}
    wanted |= {path for pattern in patterns for path in FIRMWARE.glob(pattern)}
    wanted |= {path.resolve() for path in wanted}
    remove(path for path in FIRMWARE.rglob("*") if not path.is_dir() and path not in wanted)
    prune(FIRMWARE)


def firmware_files(name: str) -> list[Path]:
    """Where firmware of that name may be, packed or not."""
    paths = [FIRMWARE / f"{name}{suffix}" for suffix in ("", ".xz", ".zst")]
    return [path for path in paths if path.exists()]


def prune(folder: Path) -> None:
    """Remove folders that are empty."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink() and not any(path.iterdir()):
            path.rmdir()


def trim(tree: Path, wanted: set[str]) -> set[Path]:
    """Trim the modules of one kernel; returns those that stay."""
    kept = closure(tree, softdeps(tree, wanted))
    remove(p for p in tree.rglob("*.ko*") if p.name.endswith(SUFFIXES) and p not in kept)
    prune(tree)
    subprocess.run(["depmod", tree.name], check=True)
    return kept


def main(list_path: str) -> None:
    """Trim every kernel that is there."""
    wanted = listed(Path(list_path))
    kept: set[Path] = set()
    for tree in sorted(MODULES.iterdir()):
        kept |= trim(tree, wanted)
    trim_firmware(kept)
    print(f"{len(kept)} modules stay, {sum(p.stat().st_size for p in kept) >> 20} MiB")


if __name__ == "__main__":
    main(sys.argv[1])
