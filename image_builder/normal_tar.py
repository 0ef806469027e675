"""Turns the tar that LXD exports into one whose bytes depend on its content alone."""

import tarfile
from collections.abc import Collection, Iterable, Iterator
from copy import copy
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import IO

PREFIX = "rootfs"
# Told anew for each entry by tarfile, or of no use in an image.
DROPPED = ("path", "linkpath", "size", "uid", "gid", "uname", "gname", "mtime", "atime", "ctime")


def write(source: IO[bytes], target: IO[bytes], *, epoch: int, exclude: Iterable[str] = ()) -> int:
    """Copy what is under rootfs/, sorted, with no time after `epoch`; returns how many entries.

    Owners stay numbers; device nodes, file capabilities and other extended attributes stay too.
    The first of several names of one file, in order, carries its content.
    """
    with (
        tarfile.open(fileobj=source, mode="r:", encoding="utf-8", errors="surrogateescape") as old,
        tarfile.open(
            fileobj=target,
            mode="w|",
            format=tarfile.PAX_FORMAT,
            encoding="utf-8",
            errors="surrogateescape",
        ) as new,
    ):
        everything = dict(_members(old))
        members = {name: each for name, each in everything.items() if not _left_out(name, exclude)}
        content = _content(everything, members)
        for name in sorted(members, key=_order):
            first, origin = content.get(name, (name, members[name]))
            entry = _normal(origin, name, epoch)
            if first != name:
                entry.type, entry.linkname, entry.size = tarfile.LNKTYPE, f"./{first}", 0
            new.addfile(entry, old.extractfile(origin) if entry.isreg() else None)
        return len(members)


def _order(name: str) -> list[str]:
    """Folders before what is in them, whatever characters sort before a slash."""
    return name.split("/")


def _members(tar: tarfile.TarFile) -> Iterator[tuple[str, tarfile.TarInfo]]:
    for member in tar:
        path = PurePosixPath(member.name)
        if path.parts[:1] == (PREFIX,):
            yield str(PurePosixPath(*path.parts[1:])), member


def _left_out(name: str, patterns: Iterable[str]) -> bool:
    """True if the path or a folder above it is excluded; `*` stops at a slash."""
    parts = name.split("/")
    for pattern in patterns:
        wanted = pattern.strip("/").split("/")
        if len(parts) >= len(wanted) and all(map(fnmatchcase, parts, wanted)):
            return True
    return False


def _content(
    everything: dict[str, tarfile.TarInfo], members: Collection[str]
) -> dict[str, tuple[str, tarfile.TarInfo]]:
    """For each name of a file with several: the first name, and the entry with the bytes."""
    groups: dict[str, list[str]] = {}
    for name, member in everything.items():
        if member.islnk():
            target = str(PurePosixPath(member.linkname).relative_to(PREFIX))
            groups.setdefault(target, [target]).append(name)
    result: dict[str, tuple[str, tarfile.TarInfo]] = {}
    for target, names in groups.items():
        kept = sorted((name for name in names if name in members), key=_order)
        for name in kept:
            result[name] = (kept[0], everything[target])
    return result


def _normal(member: tarfile.TarInfo, name: str, epoch: int) -> tarfile.TarInfo:
    entry = copy(member)
    entry.name = "./" if name == "." else f"./{name}"
    entry.mtime = min(int(member.mtime), epoch)
    entry.uname = entry.gname = ""
    entry.pax_headers = {
        key: value for key, value in sorted(member.pax_headers.items()) if key not in DROPPED
    }
    return entry
