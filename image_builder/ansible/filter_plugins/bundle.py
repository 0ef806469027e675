"""Makes one file of a boot script and its libraries, as `bearman publish_scripts` does."""

import re
from collections.abc import Callable
from pathlib import Path

MARKER = re.compile(r'\. "\$\{0%/\*\}/([a-z]+(?:/[a-z]+)?\.sh)" # bearman: inline')


def bundle(path: str) -> str:
    """Return the script at `path` with the text of each library in the place of its marker."""
    script = Path(path)
    lines = script.read_text(encoding="utf-8").splitlines()
    inlined = [_inlined(line, script.parent) for line in lines]
    return "\n".join(inlined) + "\n"


def _inlined(line: str, folder: Path) -> str:
    match = MARKER.fullmatch(line)
    return (folder / match[1]).read_text(encoding="utf-8").rstrip("\n") if match else line


class FilterModule:
    """What Ansible looks for in a file of filters."""

    def filters(self) -> dict[str, Callable[[str], str]]:
        """Return the filters by the names that playbooks call them."""
        return {"bearman_bundle": bundle}
