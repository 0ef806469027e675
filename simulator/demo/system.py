"""A small system for a demo to deploy: files as an image has them, and an install script."""

import gzip
import random
from dataclasses import dataclass
from pathlib import Path

from simulator.shell_run import BOOT_SCRIPTS

IMAGE, VERSION, PROFILE = "demo-linux", "1", "demo-linux"
APPEND = "boot=live console=ttyS0 hostname={{ hostname }}"
STAGE_ONE = "stage-one"
KERNEL_BYTES, ROOT_BYTES = 400_001, 200_000
# The stock script of this version, after a first line that a broken disk does not survive.
FORMAT_DISK = """\
#!/bin/sh
# A file system for data on the first disk, then host name, network and SSH keys.
set -eu
mkfs.ext4 -q -L data "${BEARMAN_DISK:-/dev/sda}"

"""


@dataclass(frozen=True, slots=True)
class SystemFiles:
    """Where the files of the system are."""

    kernel: Path
    initramfs: Path
    root: Path
    script: Path


def write_system(folder: Path, name: str = IMAGE) -> SystemFiles:
    """Write the files into a folder; the same ones each time for a name."""
    folder.mkdir(parents=True, exist_ok=True)
    noise = random.Random(name)
    files = SystemFiles(
        *(folder / name for name in ("vmlinuz", "initrd", "root.squashfs", "setup"))
    )
    files.kernel.write_bytes(noise.randbytes(KERNEL_BYTES))
    # Compressed, as most are, and of no even length: what is appended must be aligned.
    files.initramfs.write_bytes(gzip.compress(noise.randbytes(100_000), mtime=0) + b"\0")
    files.root.write_bytes(noise.randbytes(ROOT_BYTES))
    stock = (BOOT_SCRIPTS / "install" / "network.sh").read_text("utf-8")
    files.script.write_text(FORMAT_DISK + stock, "utf-8")
    return files
