"""Builds an image as an operator does; where nothing has changed, the store gives the old one."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
# Kept between runs: only what has changed since is built again.
STORE = Path(os.environ.get("BEARMAN_TEST_IMAGES_DIR") or CHECKOUT / "var/test-images")
PROGRAMS = {"lxd": "lxd", "mmdebstrap": "mmdebstrap", "mksquashfs": "squashfs-tools"}


def cannot_build() -> str:
    """Return what has to be there for a build; empty where all is."""
    if os.geteuid():
        return "root, since LXD is started"
    return ", ".join(package for name, package in PROGRAMS.items() if not shutil.which(name))


def built(recipe: str) -> Path:
    """Build a recipe, by its name or its file; returns the output folder."""
    command = [sys.executable, "-m", "image_builder", "build", recipe, "--output", str(STORE)]
    ended = subprocess.run(command, cwd=CHECKOUT, check=False, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    folder = Path(ended.stdout.split()[-1])
    assert (folder / "manifest.json").is_file()
    return folder
