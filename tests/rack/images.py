"""The images that machines of the rack boot, as image_builder made them."""

import os
from pathlib import Path

from tests.rack.shell import RackError

STAGE_ONE, SYSTEM = "stage-one", "debian-12"
HOW = "`python -m image_builder build {name} --output {store}` makes it; see `make rack`."


def store() -> Path:
    """The folder of images: outside the checkout, so that they outlive it."""
    cache = os.environ.get("BEARMAN_CACHE") or Path.home() / ".cache" / "bearman"
    return Path(os.environ.get("BEARMAN_RACK_IMAGES") or Path(cache) / "images").absolute()


def public_keys() -> list[Path]:
    """The public keys that the images are signed with: beside them, in `keys`."""
    return sorted((store() / "keys").glob("*.pub.pem"))


def newest(name: str) -> Path:
    """Return the folder of the newest version of an image; raises RackError."""
    found = sorted((store() / name).glob("*/manifest.json"), key=lambda path: path.stat().st_mtime)
    if not found:
        how = HOW.format(name=name, store=store())
        raise RackError(f"There is no image {name} in {store()}. {how}")
    return found[-1].parent


def missing() -> str:
    """Return which image there is not; empty where all are there."""
    try:
        for name in (STAGE_ONE, SYSTEM):
            newest(name)
    except RackError as error:
        return str(error)
    return ""
