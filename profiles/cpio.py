"""Archives that the kernel unpacks into its initramfs: cpio in the `newc` format.

Documentation/driver-api/early-userspace/buffer-format.rst in the kernel's source.
"""

from collections.abc import Iterable
from pathlib import PurePosixPath

MAGIC = b"070701"
TRAILER = "TRAILER!!!"
BLOCK = 512  # bytes; archives are padded to a multiple
DIRECTORY, FILE = 0o040000, 0o100000
DIRECTORY_MODE = 0o755


def newc(files: Iterable[tuple[str, int, bytes]]) -> bytes:
    """Return an archive of (path, permissions, content), owned by root, with the folders above.

    Raises ValueError for a path that is absolute or leaves the archive.
    """
    entries: dict[str, tuple[int, bytes]] = {}
    for path, mode, content in files:
        parts = PurePosixPath(path)
        if parts.is_absolute() or ".." in parts.parts or not parts.parts or "\0" in path:
            raise ValueError(f"{path!r} is not a path inside an archive.")
        for parent in reversed(parts.parents[:-1] if len(parts.parts) > 1 else ()):
            entries.setdefault(str(parent), (DIRECTORY | DIRECTORY_MODE, b""))
        entries[str(parts)] = (FILE | mode, content)
    members = [
        _member(path, inode, mode, content)
        for inode, (path, (mode, content)) in enumerate(entries.items(), start=1)
    ]
    archive = b"".join(members) + _member(TRAILER, 0, 0, b"")
    return _padded(archive, BLOCK)


def _member(path: str, inode: int, mode: int, content: bytes) -> bytes:
    """Return a member: 13 fields of 8 hexadecimal digits, the name, the content."""
    name = path.encode() + b"\0"
    links = 2 if mode & DIRECTORY else 1
    owner = changed = device = checksum = 0
    numbers = [inode, mode, owner, owner, links, changed, len(content)]
    numbers += [device, device, device, device, len(name), checksum]
    header = MAGIC + b"".join(b"%08X" % number for number in numbers)
    return _padded(header + name, 4) + _padded(content, 4)


def _padded(data: bytes, size: int) -> bytes:
    return data + bytes(-len(data) % size)
