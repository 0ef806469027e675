"""Images as image_builder leaves them in a folder: tiny files, a manifest, a signature."""

import base64
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

NAMES = {
    "initramfs": "initrd.img",
    "kernel": "vmlinuz",
    "root": "filesystem.squashfs",
    "sbom": "sbom.spdx.json",
}
PACKAGES = {"bash": "5.2.15-2+b7", "linux-image-amd64": "6.1.158-1", "openssl": "3.0.17-1"}


@dataclass(frozen=True)
class Build:
    """What was built: the bytes of each file by kind, the manifest's, and its signature."""

    files: dict[str, bytes]
    manifest: bytes
    signature: str

    def write(self, folder: Path) -> Path:
        """Write it as a folder of image_builder."""
        folder.mkdir(parents=True, exist_ok=True)
        for kind, content in self.files.items():
            (folder / NAMES[kind]).write_bytes(content)
        (folder / "manifest.json").write_bytes(self.manifest)
        if self.signature:
            (folder / "manifest.json.sig").write_text(f"{self.signature}\n")
        return folder


def build(
    name: str = "debian-12",
    version: str = "1",
    *,
    packages: dict[str, str] | None = PACKAGES,
    key: Ed25519PrivateKey | None = None,
    root: bool = True,
    size: int = 1000,
    **values: Any,
) -> Build:
    """Build an image of small files; `values` replace what the manifest says."""
    files = {
        kind: (f"{kind} of {name} {version} ".encode() * size)[:size] + bytes([len(kind)])
        for kind in ("initramfs", "kernel", "root")
    }
    if not root:
        del files["root"]
    if packages is not None:
        files["sbom"] = sbom(packages)
    found: dict[str, Any] = {
        "format": 1,
        "name": name,
        "version": version,
        "kind": "stage-two",
        "recipe": name,
        "revision": "0123456789ab",
        "built_at": "2026-11-24T22:00:00Z",
        "append": "boot=live ip=dhcp",
        "files": {kind: described(kind, files[kind]) for kind in sorted(files)},
    }
    text = written(found | values)
    return Build(files, text, sign(text, key) if key else "")


def described(kind: str, content: bytes) -> dict[str, Any]:
    """What a manifest says of a file."""
    digest = hashlib.sha256(content).hexdigest()
    return {"name": NAMES[kind], "sha256": digest, "size": len(content)}


def written(found: dict[str, Any]) -> bytes:
    """A manifest in its one form: each file on one line."""
    lines = []
    for name, value in found.items():
        if name == "files" and isinstance(value, dict):
            files = [f'    "{kind}": {json.dumps(value[kind])}' for kind in value]
            lines.append('  "files": {\n' + ",\n".join(files) + "\n  }")
        else:
            lines.append(f'  "{name}": {json.dumps(value)}')
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def sbom(packages: dict[str, str]) -> bytes:
    """A list of packages in SPDX 2.3."""
    entries = [
        {"name": name, "SPDXID": f"SPDXRef-{number}", "versionInfo": version}
        for number, (name, version) in enumerate(packages.items())
    ]
    return json.dumps({"spdxVersion": "SPDX-2.3", "packages": entries}).encode()


def sign(data: bytes, key: Ed25519PrivateKey) -> str:
    """The signature of a manifest."""
    return base64.b64encode(key.sign(data)).decode()


def trust(folder: Path, *keys: Ed25519PrivateKey) -> Path:
    """Put the public halves of keys into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, key in enumerate(keys):
        pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        (folder / f"key-{number}.pub.pem").write_bytes(pem)
    return folder
