"""What a demo deploys: a profile of its image, with an install script."""

from pathlib import Path

from simulator.shell_run import BOOT_SCRIPTS

PROFILE = "demo-linux"
APPEND = "console=ttyS0 hostname={{ hostname }}"
# The stock script of this version, after a first line that a broken disk does not survive.
FORMAT_DISK = """\
#!/bin/sh
# A file system for data on the first disk, then host name, network and SSH keys.
set -eu
mkfs.ext4 -q -L data "${BEARMAN_DISK:-/dev/sda}"

"""


def write_script(folder: Path) -> Path:
    """Write the install script into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    script = folder / "setup"
    stock = (BOOT_SCRIPTS / "install" / "network.sh").read_text("utf-8")
    script.write_text(FORMAT_DISK + stock, "utf-8")
    return script
