"""The images that machines of the rack boot, as image_builder makes them."""

import os
from functools import cache
from pathlib import Path

from tests.images.build import KEYS, STORE, built
from tests.rack.shell import RackError

STAGE_ONE, SYSTEM = "stage-one", "debian-12"


def store() -> Path:
    """The folder of images: the one that was named, or the tests' own."""
    return Path(_given() or STORE).absolute()


def provide() -> None:
    """Build what is not there or was built from something else, which takes minutes."""
    for name in (STAGE_ONE, SYSTEM):
        folder(name)


@cache
def folder(name: str) -> Path:
    """Return the folder of an image, built if need be; raises RackError.

    Images of a folder that was named (BEARMAN_RACK_IMAGES) are taken as they are, the newest first.
    """
    if not _given():
        try:
            return built(name)
        except RuntimeError as error:
            raise RackError(str(error)) from error
    found = sorted((store() / name).glob("*/manifest.json"), key=lambda path: path.stat().st_mtime)
    if not found:
        raise RackError(f"There is no image {name} in {store()}, which BEARMAN_RACK_IMAGES names.")
    return found[-1].parent


def keys() -> Path:
    """The folder of the keys that the images are signed with."""
    return store() / KEYS.name


def public_keys() -> list[Path]:
    """The public ones of them."""
    return sorted(keys().glob("*.pub.pem"))


def _given() -> str:
    return os.environ.get("BEARMAN_RACK_IMAGES", "")
