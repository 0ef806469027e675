"""What a recipe says; recipes/README.md describes the same for people."""

from dataclasses import dataclass, field
from pathlib import Path

DEBIAN = "http://deb.debian.org/debian"
IMAGE_SERVER = "https://images.linuxcontainers.org"

# What a container needs to start and Ansible to work in it. Without udev, systemd-networkd waits
# for ever and the container gets no address.
BASE_PACKAGES = (
    "systemd-sysv",
    "dbus",
    "udev",
    "systemd-resolved",
    "libnss-systemd",
    "python3-minimal",
    "python3-apt",
    "iproute2",
    "ca-certificates",
)


@dataclass(frozen=True, kw_only=True)
class Mmdebstrap:
    """A base that is made here from a package archive."""

    suite: str
    mirror: str = DEBIAN
    components: tuple[str, ...] = ("main",)
    also: tuple[str, ...] = ()  # more lines of sources.list
    packages: tuple[str, ...] = ()

    @property
    def sources(self) -> tuple[str, ...]:
        """Lines of sources.list."""
        return (f"deb {self.mirror} {self.suite} {' '.join(self.components)}", *self.also)

    @property
    def all_packages(self) -> tuple[str, ...]:
        """Those that every base has, and its own."""
        return tuple(dict.fromkeys((*BASE_PACKAGES, *self.packages)))

    def __str__(self) -> str:
        return f"mmdebstrap {self.suite} from {self.mirror}"


@dataclass(frozen=True, kw_only=True)
class ServerImage:
    """A base from an image server of LXD."""

    alias: str
    server: str = IMAGE_SERVER

    def __str__(self) -> str:
        return f"{self.alias} from {self.server}"


@dataclass(frozen=True, kw_only=True)
class Squashfs:
    """How the root is packed. zstd at 3 takes seconds; at 15 a minute, for 14 % less."""

    compression: str = "zstd"
    level: int = 3  # zstd only
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """One image; `path` is its file and `text` the bytes in it."""

    name: str
    title: str
    kind: str
    base: Mmdebstrap | ServerImage
    roles: tuple[str, ...]
    append: str
    kernel: str
    initramfs: str
    path: Path
    text: bytes
    python: str = ""
    variables: dict[str, object] = field(default_factory=dict)
    squashfs: Squashfs = field(default_factory=Squashfs)
    epoch: int | None = None
