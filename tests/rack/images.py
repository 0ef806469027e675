"""The images that machines of the rack boot, as image_builder makes them."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

from simulator.demo.product import PROJECT
from tests.rack.shell import RackError

STAGE_ONE, SYSTEM = "stage-one", "debian-12"
KEYS = ".keys"  # in the store: with another key for each run, stage one would be built each time
HOW = "`python -m image_builder build {name} --output {store}` makes it."


def store() -> Path:
    """The folder of images: outside the checkout, so that they outlive it."""
    cache = os.environ.get("BEARMAN_CACHE") or Path.home() / ".cache" / "bearman"
    return Path(_given() or Path(cache) / "images").absolute()


def provide() -> None:
    """Build what is not there or was built from something else; raises RackError.

    Where nothing has changed the builder says so within seconds. Images of a folder that was
    named (BEARMAN_RACK_IMAGES) are taken as they are.
    """
    if _given():
        return
    store().mkdir(parents=True, exist_ok=True)
    with (store() / ".rack").open("w") as lock:  # tests side by side build an image once
        fcntl.flock(lock, fcntl.LOCK_EX)
        for name in (STAGE_ONE, SYSTEM):
            _build(name)


def public_keys() -> list[Path]:
    """The public keys that the images are signed with, beside them."""
    return sorted((store() / KEYS).glob("*.pub.pem"))


def newest(name: str) -> Path:
    """Return the folder of the newest version of an image; raises RackError."""
    found = sorted((store() / name).glob("*/manifest.json"), key=lambda path: path.stat().st_mtime)
    if not found:
        how = HOW.format(name=name, store=store())
        raise RackError(f"There is no image {name} in {store()}. {how}")
    return found[-1].parent


def _build(name: str) -> None:
    environment = os.environ | {"BEARMAN_IMAGE_KEYS_DIR": str(store() / KEYS)}
    words = [sys.executable, "-m", "image_builder", "build", name, "--output", str(store())]
    if subprocess.run(words, cwd=PROJECT, env=environment, check=False).returncode:
        raise RackError(f"The image {name} could not be built; see above.")


def _given() -> str:
    return os.environ.get("BEARMAN_RACK_IMAGES", "")
