"""Images for the tests: built once from this checkout, kept for the next run, and booted."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.images import qemu
from tests.images.build import built, cannot_build
from tests.images.peer import Peer

RECIPES = Path(__file__).parent / "recipes"


@dataclass(frozen=True)
class Image:
    """The output folder of a build."""

    folder: Path

    @property
    def kernel(self) -> Path:
        return self.folder / "vmlinuz"

    @property
    def initramfs(self) -> Path:
        return self.folder / "initrd.img"

    @property
    def root(self) -> bytes:
        """The squashfs."""
        return (self.folder / "filesystem.squashfs").read_bytes()

    @property
    def append(self) -> str:
        """The image's own kernel arguments."""
        text: str = json.loads((self.folder / "manifest.json").read_text())["append"]
        return text


def image(recipe: str) -> Image:
    """Return the image of a recipe; skips with what has to be installed where none can be made."""
    lacking = qemu.missing() or cannot_build()
    if lacking:
        pytest.skip(f"needs {lacking}; `make test-images` installs it")
    return Image(built(recipe))


@pytest.fixture(scope="session")
def stage_one() -> Image:
    """Stage one on Debian."""
    return image("stage-one")


@pytest.fixture(scope="session")
def debian() -> Image:
    """Stage two on Debian, with the initramfs of live-boot."""
    return image("debian-12")


@pytest.fixture(scope="session")
def debian_with_dracut() -> Image:
    """Stage two on Debian, with the initramfs that CentOS has."""
    return image(str(RECIPES / "debian-12-dracut.yml"))


@pytest.fixture
def peer() -> Iterator[Peer]:
    """What Bearman and the storage are to a machine that boots."""
    server = Peer()
    server.start()
    yield server
    server.stop()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Boot one machine at a time: each takes a whole processor."""
    here = str(Path(__file__).parent)
    for item in items:
        if str(item.path).startswith(here + os.sep + "test_boot"):
            item.add_marker(pytest.mark.images)
            item.add_marker(pytest.mark.xdist_group("qemu"))
