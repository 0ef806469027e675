"""Containers that `--keep` left for a look: how to look into them, and how to be rid of them."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from image_builder import host, leftovers, workspace
from image_builder.lxd import Container
from image_builder.workspace import Workspace

if TYPE_CHECKING:
    from image_builder.build import Order


def keep(order: "Order", work: Workspace, box: Container, socket: Path) -> None:
    """Mark the build's folder so that nothing clears it away, and say how to look."""
    if order.socket is None:
        (work.folder / workspace.KEPT).touch()
        remove = "`python -m image_builder clear`"
    else:
        remove = f"`lxc delete --force {box.name}`"
    order.progress.note(
        f"The container {box.name} is left. `LXD_SOCKET={socket} lxc exec {box.name} -- sh` looks "
        f"into it (after `lxc start` where the build had ended); {remove} removes it."
    )


def clear(parent: Path) -> list[Path]:
    """Remove all that was kept, and what killed builds left; returns their folders."""
    kept = [path.parent for path in parent.glob(f"{workspace.PREFIX}*/{workspace.KEPT}")]
    for folder in kept:
        leftovers.clear(folder)
        shutil.rmtree(folder, ignore_errors=True)
    kept += workspace.clear_dead(parent)
    with host.locked():
        host.restore()
    return kept
