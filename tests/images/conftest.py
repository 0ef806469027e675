"""Images for the tests: built once from this checkout, kept for the next run, and booted."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.images import qemu
from tests.images.build import built, cannot_build
from tests.images.builder import builder
from tests.images.peer import Peer

__all__ = ["builder"]  # a fixture
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


@pytest.fixture(scope="session")
def can_build() -> None:
    """Skip, with the reason, where LXD does not run."""
    if lacking := cannot_build():
        pytest.skip(f"No image can be built: {lacking}")


@pytest.fixture(scope="session")
def can_boot(can_build: None) -> None:
    """Skip, with what has to be installed, where nothing can be booted."""
    if lacking := qemu.missing():
        pytest.skip(f"needs {lacking}")


@pytest.fixture(scope="session")
def stage_one(can_boot: None) -> Image:
    """Stage one on Debian."""
    return Image(built("stage-one"))


@pytest.fixture(scope="session")
def debian(can_boot: None) -> Image:
    """Stage two on Debian, with the initramfs of live-boot."""
    return Image(built("debian-12"))


@pytest.fixture(scope="session")
def debian_with_dracut(can_boot: None) -> Image:
    """Stage two on Debian, with the initramfs that CentOS has."""
    return Image(built(str(RECIPES / "debian-12-dracut.yml")))


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
