"""Builds an image as an operator does; where nothing has changed, the store gives the old one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from image_builder import daemon, programs, workspace
from image_builder.errors import BuildError
from image_builder.settings import Settings

CHECKOUT = Path(__file__).resolve().parents[2]
# Kept between runs: only what has changed since is built again.
STORE = Path(os.environ.get("BEARMAN_TEST_IMAGES_DIR") or CHECKOUT / "var/test-images")
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
    """Build a recipe, by its name or its file; returns the output folder."""
    command = [sys.executable, "-m", "image_builder", "build", recipe, "--output", str(STORE)]
    # Its key is in stage one: with another one for each run, there would be nothing to keep.
    env = {**os.environ, "BEARMAN_IMAGE_KEYS_DIR": str(STORE / ".keys")}
    ended = subprocess.run(
        command, cwd=CHECKOUT, env=env, check=False, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    folder = Path(ended.stdout.split()[-1])
    assert (folder / "manifest.json").is_file()
    return folder
