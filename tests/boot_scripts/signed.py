"""Images as image_builder signs them, for machines whose stage one has its public key."""

import hashlib
import json
from base64 import b64encode
from dataclasses import dataclass, field, replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.boot_scripts.deployment import APPEND, INITRAMFS, KERNEL, Deployment
from tests.boot_scripts.machine import Machine
from tests.boot_scripts.web import Answer

NAME, VERSION = "debian-12", "2026-11-24.1"
KEY, OTHER_KEY = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
ROOT_SHA256, ROOT_SIZE = "0" * 64, 700_000_000  # as in the plan of `Deployment`
FILE = "/files/manifest.json"
FILES = {
    "initramfs": ("initrd.img", hashlib.sha256(INITRAMFS).hexdigest(), len(INITRAMFS)),
    "kernel": ("vmlinuz", hashlib.sha256(KERNEL).hexdigest(), len(KERNEL)),
    "root": ("filesystem.squashfs", ROOT_SHA256, ROOT_SIZE),
    "sbom": ("sbom.spdx.json", "5" * 64, 12_345),
}


@dataclass(frozen=True)
class Manifest:
    """What a manifest says."""

    name: str = NAME
    version: str = VERSION
    format: int = 1
    append: str = "boot=live"
    files: dict[str, tuple[str, str, int]] = field(default_factory=lambda: FILES)
    more: dict[str, Any] = field(default_factory=dict)

    def text(self) -> bytes:
        """The one form in which manifests are written: two blanks deep, each file on a line."""
        head = {"format": self.format, "name": self.name, "version": self.version}
        head |= {"kind": "stage-two", "recipe": "debian-12", "revision": "abc-dirty"}
        head |= {"built_at": "2026-11-24T22:00:00Z", "append": self.append}
        lines = [f'  "{key}": {json.dumps(value)}' for key, value in head.items()]
        files = [
            f'    "{kind}": {{"name": "{name}", "sha256": "{sha256}", "size": {size}}}'
            for kind, (name, sha256, size) in self.files.items()
        ]
        lines.append('  "files": {\n' + ",\n".join(files) + "\n  }")
        for key, value in self.more.items():
            lines.append(f'  "{key}": ' + json.dumps(value, indent=2).replace("\n", "\n  "))
        return ("{\n" + ",\n".join(lines) + "\n}\n").encode()

    def with_file(self, kind: str, *, sha256: str = "", size: int = 0) -> "Manifest":
        """The manifest with another file of this kind."""
        name, old_sha256, old_size = self.files[kind]
        changed = (name, sha256 or old_sha256, size or old_size)
        return replace(self, files={**self.files, kind: changed})


def signature(text: bytes, key: Ed25519PrivateKey = KEY) -> str:
    """The signature of a manifest, as in a plan."""
    return b64encode(key.sign(text)).decode()


def knows(machine: Machine, *keys: Ed25519PrivateKey | str) -> None:
    """Give the machine's stage one these public keys; text is written as it is."""
    folder = machine.root / "etc/bearman/image-keys"
    folder.mkdir(parents=True, exist_ok=True)
    for number, key in enumerate(keys):
        (folder / f"key-{number}.pem").write_text(key if isinstance(key, str) else public(key))


def public(key: Ed25519PrivateKey) -> str:
    """The public key of one, as PEM."""
    form = PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(Encoding.PEM, form).decode()


def offer(
    deployment: Deployment,
    text: bytes | None = None,
    /,
    signed: str | None = None,
    image: str | None = f"{NAME} {VERSION}",
    **changed: str | None,
) -> None:
    """Have a plan ready for an image with this manifest, signed with KEY or as said."""
    text = Manifest().text() if text is None else text
    deployment.web.answers[FILE] = Answer(text)
    lines: dict[str, str | None] = {
        "image": image and f"image {image}",
        "manifest": f"manifest {hashlib.sha256(text).hexdigest()} {len(text)} "
        f"{deployment.web.url}{FILE}",
        "signature": f"signature {signed or signature(text)}",
        "append": f"append bearman.root={ROOT_SHA256}:{ROOT_SIZE} {APPEND}",
    } | changed
    own = {key: lines.pop(key) for key in ("image", "manifest", "signature")}
    deployment.plan(*filter(None, own.values()), **lines)
