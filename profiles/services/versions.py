"""What a manifest becomes: a row, and paths in the storage. A version never changes once known."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction

from bearman.lib.errors import Denied, Exists, Invalid
from bearman.lib.issues import images as issues
from profiles import manifest as manifests
from profiles import sbom, signatures
from profiles.manifest import Manifest
from profiles.models import Image, ImageContents
from profiles.models.image import Artefact

MANIFEST = "manifest.json"


def stored_at(*, name: str, version: str, sha256: str, file: str) -> str:
    """Return a file's path in the storage: under its hash, so that none overwrites another."""
    return f"images/{name}/{version}/{sha256[:16]}/{file}"


def manifest_read(data: bytes) -> Manifest:
    """Return what a manifest says; raises Invalid."""
    try:
        return manifests.read(data)
    except ValueError as error:
        raise Invalid(
            f"The manifest cannot be used: {error}.", issue=issues.MANIFEST_UNUSABLE
        ) from error


def signatures_required() -> bool:
    """Say whether images without a signature are refused; see BEARMAN_IMAGE_SIGNATURES."""
    wanted = settings.IMAGE_SIGNATURES
    return wanted == "required" or (not wanted and bool(signatures.trusted(settings.IMAGE_KEYS)))


def signer_of(data: bytes, signature: str, *, label: str) -> str:
    """Return the id of the trusted key that signed a manifest; empty where none need have.

    Raises Denied where it is signed by none of them, or not at all and must be.
    """
    keys = signatures.trusted(settings.IMAGE_KEYS)
    if signature and keys:
        try:
            found = signatures.signed_by(data, signature, keys)
        except ValueError as error:
            raise Denied(f"{label}: {error}.", issue=issues.NOT_TRUSTED) from error
        if found is None:
            known = ", ".join(keys)
            raise Denied(
                f"{label} is signed by none of the keys that Bearman trusts ({known}).",
                issue=issues.NOT_TRUSTED,
            )
        return found
    if signatures_required():
        words = "is not signed" if not signature else "is signed, and Bearman trusts no key yet"
        raise Denied(f"{label} {words}.", issue=issues.NOT_TRUSTED)
    return ""


def row_of(manifest: Manifest, *, signature: str, signed_by: str) -> Image:
    """Return the row that a manifest makes, not yet written."""
    image = Image(
        name=manifest.name,
        version=manifest.version,
        kind=manifest.kind.value,
        append=manifest.append,
        built_from=manifest.built_from[:250],
        built_at=manifest.built_at,
        signature=signature.strip(),
        signed_by=signed_by,
    )
    for kind, file in manifest.files.items():
        _put(image, kind, file.name, file.size, file.sha256)
    data = manifest.text.encode()
    _put(image, "manifest", MANIFEST, len(data), hashlib.sha256(data).hexdigest())
    return image


def version_known(image: Image) -> Image | None:
    """Return the version as it is known; raises Exists where it is known with other files."""
    known = Image.objects.filter(name=image.name, version=image.version).first()
    if known is not None:
        _require_same(known, image)
    return known


def version_write(
    image: Image, *, manifest: str = "", packages: dict[str, str] | None = None
) -> tuple[Image, bool]:
    """Write a version whose files are all in the storage; false where somebody else just has."""
    image.package_count = len(packages or {})
    try:
        with transaction.atomic():
            image.save(force_insert=True)
            ImageContents.objects.create(image=image, manifest=manifest, packages=packages or {})
    except IntegrityError:
        known = Image.objects.get(name=image.name, version=image.version)
        _require_same(known, image)
        return known, False
    return image, True


def packages_read(data: bytes, *, label: str) -> dict[str, str]:
    """Return the packages in an SBOM; raises Invalid."""
    try:
        return sbom.packages(data)
    except ValueError as error:
        raise Invalid(
            f"The list of packages of {label} cannot be read: {error}.",
            issue=issues.PACKAGES_UNREADABLE,
        ) from error


def file_read(path: Path, *, most: int) -> bytes:
    """Return a small file of this computer; raises Invalid."""
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}.") from error
    if len(data) > most:
        raise Invalid(f"{path} has more than {most} bytes.")
    return data


def _put(image: Image, kind: str, file: str, size: int, sha256: str) -> None:
    path = stored_at(name=image.name, version=image.version, sha256=sha256, file=file)
    setattr(image, f"{kind}_path", path)
    setattr(image, f"{kind}_size", size)
    setattr(image, f"{kind}_sha256", sha256)


def _require_same(known: Image, given: Image) -> None:
    kinds = ("kernel", "initramfs", "root", "sbom")
    if any(_what(getattr(known, kind)) != _what(getattr(given, kind)) for kind in kinds):
        raise Exists(f"{known} is known already, with other files.", issue=issues.KNOWN_OTHERWISE)


def _what(artefact: Artefact | None) -> tuple[int, str] | None:
    return None if artefact is None else (artefact.size, artefact.sha256)
