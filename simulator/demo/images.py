"""Small images for a demo to boot: a folder as image_builder makes it, with a signed manifest."""

import gzip
import hashlib
import json
import random
from datetime import UTC, datetime
from pathlib import Path

from image_builder import keys, manifest

STAGE_ONE, IMAGE, VERSION = "stage-one", "demo-linux", "1"
KINDS = {STAGE_ONE: "stage-one", IMAGE: "stage-two"}
APPENDS = {STAGE_ONE: "boot=live ip=dhcp", IMAGE: "boot=live"}
PACKAGES = {"linux-image-demo": "6.1.0-1", "live-boot": "1:20230131", "systemd": "252.39-1"}
KERNEL_BYTES, INITRAMFS_BYTES, ROOT_BYTES = 400_001, 100_000, 200_000


def make_key(folder: Path, public: Path) -> Path:
    """Make a key that signs images, and put its public half into the folder `public`, too."""
    keys.ensure(folder)
    public.mkdir(parents=True, exist_ok=True)
    file = public / keys.PUBLIC
    file.write_bytes((folder / keys.PUBLIC).read_bytes())
    return file


def write_image(folder: Path, name: str, key_folder: Path) -> Path:
    """Write an image into a folder, signed; the same files each time for a name."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    for kind, content in _contents(name).items():
        path = folder / manifest.FILE_NAMES[kind]
        path.write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        files[kind] = manifest.File(path.name, digest, len(content))
    text = manifest.Manifest(
        name=name,
        version=VERSION,
        kind=KINDS[name],
        built_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        files=files,
        recipe="the demo",
        append=APPENDS[name],
    ).encode()
    (folder / manifest.NAME).write_bytes(text)
    (folder / manifest.SIGNATURE).write_bytes(keys.sign(keys.load(key_folder), text))
    return folder


def _contents(name: str) -> dict[str, bytes]:
    noise = random.Random(name)
    return {
        "kernel": noise.randbytes(KERNEL_BYTES),
        # Compressed, as most are, and of no even length: what is appended must be aligned.
        "initramfs": gzip.compress(noise.randbytes(INITRAMFS_BYTES), mtime=0) + b"\0",
        "root": noise.randbytes(ROOT_BYTES),
        "sbom": _sbom(name),
    }


def _sbom(name: str) -> bytes:
    """A list of packages in SPDX 2.3 (https://spdx.github.io/spdx-spec/v2.3/)."""
    packages = [
        {"SPDXID": f"SPDXRef-{package}", "name": package, "versionInfo": version}
        for package, version in PACKAGES.items()
    ]
    return json.dumps({"spdxVersion": "SPDX-2.3", "name": name, "packages": packages}).encode()
