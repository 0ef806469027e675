"""Versions of the programs that a build used, for the manifest."""

import re
import subprocess
from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pylxd

ASKED = {"mksquashfs": ["mksquashfs", "-version"], "mmdebstrap": ["mmdebstrap", "--version"]}


def versions(client: "pylxd.Client") -> dict[str, str]:
    """Name and version of each."""
    found = {"ansible-core": version("ansible-core"), "pylxd": version("pylxd")}
    found["lxd"] = str(client.host_info["environment"]["server_version"])
    for name, command in ASKED.items():
        try:
            done = subprocess.run(command, capture_output=True, check=False)
        except OSError:
            continue
        if match := re.search(rb"\d+\.[\d.]*\d", done.stdout):
            found[name] = match[0].decode()
    return found
