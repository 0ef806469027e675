"""Writes on images: files go into the storage first, and the row says so last."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path

from django.core.exceptions import ValidationError
from django.utils import timezone

from bearman import storage
from bearman.lib.errors import Invalid
from profiles import manifest as manifests
from profiles import sbom
from profiles.models import Image
from profiles.services.locks import alone
from profiles.services.promotions import image_promote
from profiles.services.versions import (
    MANIFEST,
    file_read,
    manifest_read,
    packages_read,
    row_of,
    signer_of,
    stored_at,
    version_known,
    version_write,
)
from profiles.signatures import MAX_TEXT

CHUNK = 1024 * 1024  # bytes read at a time
NAMES = {"kernel": "vmlinuz", "initramfs": "initrd.img", "root": "filesystem.squashfs"}


@dataclass(frozen=True, slots=True)
class Artefacts:
    """The files of an image on this computer; `root` is a squashfs, or None for none."""

    kernel: Path
    initramfs: Path
    root: Path | None = None


def image_add(
    *,
    name: str,
    version: str,
    files: Artefacts,
    built_from: str = "",
    built_at: datetime | None = None,
    append: str = "",
    make_current: bool = True,
    by: str = "",
) -> tuple[Image, bool]:
    """Put a version without a manifest into the storage and make it known; true if it is new.

    Adding the same files again changes nothing but which version is current. Raises Invalid for a
    bad name, version or file, Exists where the version is known with other files, Denied where
    images must be signed, Busy where somebody else adds or deletes it, Unavailable where the
    storage fails.
    """
    image = Image(name=name, version=version, built_from=built_from, append=_append(append))
    image.built_at = built_at or timezone.now()
    _check_names(image)
    signer_of(b"", "", label=str(image))
    paths = {"kernel": files.kernel, "initramfs": files.initramfs}
    if files.root is not None:
        paths["root"] = files.root
    for kind, path in paths.items():
        _describe(image, kind, path)
    return _added(image, paths, make_current=make_current, by=by)


def image_add_folder(
    *, folder: Path, make_current: bool = True, by: str = ""
) -> tuple[Image, bool]:
    """Add what `image_builder` built into a folder, with its manifest; true if it is new.

    Raises as `image_add`, and Invalid where a file is not what the manifest says.
    """
    data = file_read(folder / MANIFEST, most=manifests.MAX_BYTES)
    manifest = manifest_read(data)
    signature = ""
    if (folder / f"{MANIFEST}.sig").exists():
        raw = file_read(folder / f"{MANIFEST}.sig", most=MAX_TEXT)
        signature = raw.decode("ascii", "replace").strip()
    signer = signer_of(data, signature, label=manifest.label)
    image = row_of(manifest, signature=signature, signed_by=signer)
    paths = {kind: folder / file.name for kind, file in manifest.files.items()}
    for kind, file in manifest.files.items():
        if _read(paths[kind]) != (file.size, file.sha256):
            raise Invalid(
                f"{paths[kind]} is not what {MANIFEST} says.", advice="Build the image again."
            )
    return _added(image, paths, make_current=make_current, by=by, text=manifest.text)


def _append(text: str) -> str:
    try:
        return manifests.append_of(text)
    except ValueError as error:
        raise Invalid(f"The kernel arguments cannot be used: {error}.") from error


def _check_names(image: Image) -> None:
    try:
        image.clean_fields(
            exclude={f.name for f in Image._meta.fields} - {"name", "version", "built_from"}
        )
    except ValidationError as error:
        raise Invalid(" ".join(error.messages)) from error


def _describe(image: Image, kind: str, path: Path) -> None:
    size, sha256 = _read(path)
    stored = stored_at(name=image.name, version=image.version, sha256=sha256, file=NAMES[kind])
    setattr(image, f"{kind}_path", stored)
    setattr(image, f"{kind}_size", size)
    setattr(image, f"{kind}_sha256", sha256)


def _read(path: Path) -> tuple[int, str]:
    """Return size and SHA-256 of a file of this computer; raises Invalid."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(CHUNK):
                digest.update(piece)
            size = file.tell()
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}.") from error
    if not size:
        raise Invalid(f"{path} is empty.")
    return size, digest.hexdigest()


def _added(
    image: Image, paths: dict[str, Path], *, make_current: bool, by: str, text: str = ""
) -> tuple[Image, bool]:
    with alone(image.name, image.version):
        known = version_known(image)
        found = (known, False) if known else _written(image, paths, text)
    if make_current:
        image_promote(image=found[0], by=by)
    return found


def _written(image: Image, paths: dict[str, Path], text: str) -> tuple[Image, bool]:
    packages = None
    if "sbom" in paths:
        data = file_read(paths["sbom"], most=sbom.MAX_BYTES)
        packages = packages_read(data, label=str(image))
    for kind, path in paths.items():
        with path.open("rb") as file:
            storage.store(getattr(image, kind).path, file)
    if image.manifest is not None:
        storage.store(image.manifest.path, BytesIO(text.encode()))
    return version_write(image, manifest=text, packages=packages)
