"""Builds an image as an operator does; where nothing has changed, the store gives the old one."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from image_builder import daemon, programs, workspace
from image_builder.errors import BuildError
from image_builder.settings import Settings

CHECKOUT = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("BEARMAN_CACHE") or Path.home() / ".cache" / "bearman").absolute()
# Outside the checkout, kept between runs: only what has changed since is built again.
STORE = CACHE / "images"
# Stage one has the key in it: with another one for each run, it would be built each time.
KEYS = STORE / ".keys"
# Of tests that build: one at a time, for each takes a whole processor.
IN_LXD = [
    pytest.mark.images,
    pytest.mark.xdist_group("lxd"),
    pytest.mark.timeout(900),
    pytest.mark.usefixtures("can_build"),
]


def cannot_build() -> str:
    """Return in a sentence why nothing can be built here; empty where it can. Starts LXD to see."""
    programs.extend_path()
    try:
        daemon.require()
        programs.require("mmdebstrap")
        with workspace.opened(Settings().work) as work, daemon.running(work):
            return ""
    except BuildError as error:
        return f"{error.message} {error.advice}"


def built(recipe: str) -> Path:
    """Build a recipe, by its name or its file; returns the output folder.

    The builder tells of its progress on stderr, and of nothing to do within seconds. Whoever asks
    for the same beside others waits for them, for two would build it twice. Raises RuntimeError.
    """
    command = [sys.executable, "-m", "image_builder", "build", recipe, "--output", str(STORE)]
    env = {**os.environ, "BEARMAN_IMAGE_KEYS_DIR": str(KEYS)}
    STORE.mkdir(parents=True, exist_ok=True)
    with (STORE / ".tests").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ended = subprocess.run(
            command, cwd=CHECKOUT, env=env, check=False, stdout=subprocess.PIPE, text=True
        )
    if ended.returncode:
        raise RuntimeError(f"The image {recipe} could not be built; see above. {ended.stdout}")
    folder = Path(ended.stdout.split()[-1])
    assert (folder / "manifest.json").is_file()
    return folder
