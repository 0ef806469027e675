"""What a deployment boots, out of what was kept when it began."""

import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.conf import settings

from baremetal.models import Baremetal
from baremetal.services.facts import door_url, facts_again
from bearman import storage
from bearman.lib.errors import Invalid
from bearman.lib.issues import images
from profiles import cpio, formats, template
from profiles.arguments import MAX_LENGTH, merged, root_digest
from profiles.ipxe import argument
from profiles.models.profile import INSTALLERS
from profiles.rendering import config_files

# What a system needs besides its squashfs in memory: kernel, initramfs, and some to work with.
MEMORY_BESIDES_ROOT = 512 * 2**20


def file_url(row: Baremetal, kind: str) -> str:
    """Return where the machine fetches its kernel, initramfs, root or manifest."""
    return _kept(storage.current().url, row.spec[kind]["path"], int(time.monotonic()))


@lru_cache(maxsize=100)
def _kept(url: Callable[[str], str], path: str, second: int) -> str:
    """Return a file's address in this second: a whole room asks, and a signature takes time."""
    return url(path)


def memory_needed(row: Baremetal) -> int:
    """Return the bytes of memory below which the system cannot come up; 0 for unknown."""
    root = row.spec.get("root")
    return int(root["size"]) + MEMORY_BESIDES_ROOT if root else 0


def is_installer(row: Baremetal) -> bool:
    """Say whether the deployment puts a system on the machine's disk."""
    return row.spec.get("format") in INSTALLERS


def boot_arguments(row: Baremetal, *, uuid: str, token: str = "") -> str:
    """Return the kernel command line of the deployment's system; raises Invalid if it is too long.

    `token` is for an installer that can fetch its configuration from an address only; the secret of
    a system that is kexec'd or booted from memory is in its seed.
    """
    facts = facts_again(row, token=token)
    spec = row.spec
    append = template.append(spec["append"], facts)
    words = [merged(image=spec.get("image_append", ""), profile=append)]
    if root := spec.get("root"):
        words.append(argument("fetch", file_url(row, "root")))
        words.append(argument("bearman.root", root_digest(root["sha256"], root["size"])))
    words += formats.kernel_arguments(
        spec["format"], facts, config_url(spec["format"], uuid, token)
    )
    words += [
        argument("bearman.url", door_url(row)),
        argument("bearman.uuid", uuid),
        argument("bearman.nonce", row.nonce),
    ]
    line = " ".join(word for word in words if word)
    if len(line) > MAX_LENGTH:
        raise Invalid(
            f"The kernel command line of {row.hostname} has {len(line)} characters.",
            issue=images.LINE_TOO_LONG,
        )
    return line


def config_url(config_format: str, uuid: str, token: str) -> str:
    """Return the folder from which an installer fetches its configuration with that token."""
    return f"{settings.BOOT_URL}/{config_format}/{uuid}/{token}"


def configuration(row: Baremetal, *, token: str) -> dict[str, str]:
    """Return the configuration's files, with the secret by which the system calls back."""
    return config_files(row.spec["format"], row.spec["body"], facts_again(row, token=token))


def seed(row: Baremetal, *, uuid: str, token: str) -> bytes:
    """Return the initramfs piece that carries the system's secret and its configuration."""
    lines: dict[str, Any] = {
        "url": door_url(row),
        "grpc": settings.PUBLIC_GRPC,
        "uuid": uuid,
        "token": token,
        "nonce": row.nonce,
    }
    if not settings.GRPC_TLS_CERT:
        lines["plaintext"] = "1"
    text = "".join(f"{key} {value}\n" for key, value in lines.items())
    files = [("bearman/seed", 0o600, text.encode())]
    folder = {"cloud-init": "bearman/nocloud/", "autoinstall": "bearman/nocloud/"}
    prefix = folder.get(row.spec["format"], "")
    for name, content in configuration(row, token=token).items():
        files.append((f"{prefix}{name}", 0o600, content.encode()))
    return cpio.newc(files)
