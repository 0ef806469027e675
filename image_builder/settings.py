"""Where things are: folders of this program, all from the environment."""

import os
from dataclasses import dataclass, field
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
CHECKOUT = PACKAGE.parent


def _folder(name: str, default: Path) -> Path:
    return Path(os.environ.get(name) or default).expanduser().absolute()


def _data() -> Path:
    return _folder("BEARMAN_DATA_DIR", CHECKOUT / "var")


@dataclass(frozen=True)
class Settings:
    """Folders; docs/images.md has the variables."""

    images: Path = field(default_factory=lambda: _folder("BEARMAN_IMAGES_DIR", _data() / "images"))
    work: Path = field(
        default_factory=lambda: _folder("BEARMAN_IMAGES_WORK_DIR", Path("/var/tmp"))  # noqa: S108
    )
    keys: Path = field(
        default_factory=lambda: _folder("BEARMAN_IMAGE_KEYS_DIR", _data() / "image-keys")
    )
    recipes: Path = field(
        default_factory=lambda: _folder("BEARMAN_IMAGE_RECIPES_DIR", PACKAGE / "recipes")
    )
    ansible: Path = field(
        default_factory=lambda: _folder("BEARMAN_IMAGE_ANSIBLE_DIR", PACKAGE / "ansible")
    )
    boot_scripts: Path = CHECKOUT / "boot_scripts"

    @property
    def cache(self) -> Path:
        """What makes the next build quick: bases, packages, wheels, collections."""
        return self.images / ".cache"

    @property
    def ca(self) -> Path | None:
        """The CA that nodes are to trust."""
        name = os.environ.get("BEARMAN_CA", "")
        return Path(name).expanduser().absolute() if name else None
