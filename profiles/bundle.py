"""Makes one file of a boot script and its library, so that a machine fetches and verifies one."""

from pathlib import Path

MARKER = b'. "${0%/*}/lib.sh" # bearman: inline\n'
LIBRARY = "lib.sh"


def bundle(name: str, folder: Path) -> bytes:
    """Return script `name` of `folder` with the text of lib.sh in the place of its marker line.

    Raises ValueError where the script has no such line, or several.
    """
    lines = (folder / name).read_bytes().splitlines(keepends=True)
    if lines.count(MARKER) != 1:
        raise ValueError(f"{name} must have exactly one line {MARKER.decode().strip()!r}.")
    lines[lines.index(MARKER)] = (folder / LIBRARY).read_bytes()
    return b"".join(lines)
