"""The image that machines boot to register and to be deployed, as an iPXE script has it.

All machines of a room ask for it at once, and it changes a few times in a year: what was read is
kept for a second in each process.
"""

import time
from dataclasses import dataclass

from django.conf import settings

from bearman import storage
from profiles.arguments import root_digest
from profiles.models import Image

KEEP_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class StageOne:
    """Addresses as they are now, the kernel arguments, and `root`, SHA256:BYTES of the squashfs."""

    label: str
    kernel_url: str
    initramfs_url: str
    root_url: str
    root: str
    append: str


_kept: dict[str, tuple[float, StageOne]] = {}


def stage_one() -> StageOne | None:
    """Return the current version of BEARMAN_STAGE_ONE_IMAGE; None where there is none."""
    now = time.monotonic()
    kept = _kept.get(settings.STAGE_ONE_IMAGE)
    if kept is not None and now - kept[0] < KEEP_SECONDS:
        return kept[1]
    image = Image.current_of(settings.STAGE_ONE_IMAGE)
    if image is None:
        return None
    found = _of(image)
    _kept[settings.STAGE_ONE_IMAGE] = (now, found)
    return found


def stage_one_forget() -> None:
    """Have the next machine's answer read anew; other processes follow within a second."""
    _kept.clear()


def _of(image: Image) -> StageOne:
    root = image.root
    return StageOne(
        label=str(image),
        kernel_url=storage.url(image.kernel.path),
        initramfs_url=storage.url(image.initramfs.path),
        root_url=storage.url(root.path) if root else "",
        root=root_digest(root.sha256, root.size) if root else "",
        append=image.append,
    )
