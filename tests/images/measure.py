"""How long images take from power-on to the first line of autorun.

`python -m tests.images.measure FOLDER...` boots folders of image_builder in turn, RUNS times.
Wall time depends on what else the computer does, so the processor's seconds are shown beside it.
"""

import argparse
import hashlib
import json
import statistics
from pathlib import Path

from tests.images import qemu
from tests.images.peer import Peer

FIRST_LINE = r"bearman: running /run/bearman/register\.sh"
MILESTONES = {
    "initramfs": "Loading, please wait",
    "network": r"bearman: fetching http",
    "root verified": r"bearman: the root file system is what Bearman says",
    "system": r"Running /scripts/init-bottom",
    "autorun": FIRST_LINE,
}
SECONDS = 900  # since power-on
SCRIPT = "#!/bin/sh\nsleep 60\n"


def boot(folder: Path) -> dict[str, qemu.Line]:
    """Boot an image until the first line of autorun; returns when each milestone was seen."""
    peer = Peer()
    peer.start()
    try:
        root = (folder / "filesystem.squashfs").read_bytes()
        own = json.loads((folder / "manifest.json").read_text())["append"]
        append = f"{own} {peer.offer_root(root)} {peer.offer_script(SCRIPT)}"
        with qemu.booted(folder / "vmlinuz", folder / "initrd.img", append) as console:
            return {name: console.wait_for(text, SECONDS) for name, text in MILESTONES.items()}
    finally:
        peer.stop()


def show(folder: Path, boots: list[dict[str, qemu.Line]]) -> None:
    """Print the medians of all boots of an image, and its sizes in MiB."""
    files = ("vmlinuz", "initrd.img", "filesystem.squashfs")
    sizes = [(folder / name).stat().st_size / 2**20 for name in files]
    digest = hashlib.sha256((folder / "filesystem.squashfs").read_bytes()).hexdigest()[:12]
    print(f"{folder.parent.name} {folder.name} (root {digest})")
    print(f"  MiB: kernel {sizes[0]:.1f}, initramfs {sizes[1]:.1f}, root {sizes[2]:.1f}")
    for name in MILESTONES:
        wall = statistics.median(seen[name].at for seen in boots)
        work = statistics.median(seen[name].work for seen in boots)
        print(f"  {name:14} {wall:6.1f} s   {work:6.1f} s of a processor")


def main() -> None:
    """Read the arguments, boot, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    boots: dict[Path, list[dict[str, qemu.Line]]] = {folder: [] for folder in given.folders}
    for _ in range(given.runs):
        for folder in given.folders:
            boots[folder].append(boot(folder))
    for folder, seen in boots.items():
        show(folder, seen)


if __name__ == "__main__":
    main()
