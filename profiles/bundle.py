"""Makes one file of a boot script and its libraries, so that a machine fetches and verifies one."""

import re
from pathlib import Path

MARKER = re.compile(rb'\. "\$\{0%/\*\}/([a-z]+(?:/[a-z]+)?\.sh)" # bearman: inline\n')


def bundle(name: str, folder: Path) -> bytes:
    """Return script `name` of `folder` with the text of each library in the place of its marker.

    Raises ValueError where the script has no marker line, or several for one library.
    """
    lines = (folder / name).read_bytes().splitlines(keepends=True)
    found = [match[1] for line in lines if (match := MARKER.fullmatch(line))]
    if not found or len(found) != len(set(found)):
        raise ValueError(f"{name} must have one line `# bearman: inline` for each library.")
    return b"".join(_inlined(line, folder) for line in lines)


def _inlined(line: bytes, folder: Path) -> bytes:
    match = MARKER.fullmatch(line)
    return (folder / match[1].decode()).read_bytes() if match else line
