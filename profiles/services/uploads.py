"""Versions of images that come over the network: begun, uploaded, verified, made known.

Files come into `incoming/KEY/`, which no machine may read. Each is read back and compared with the
manifest before it gets its final name, and the row is written last: whoever is killed in between
does it again.
"""

import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import IO

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from bearman import storage
from bearman.lib.errors import Busy, Conflict, Damaged, Invalid, NotFound
from bearman.lib.issues import images as issues
from profiles import sbom
from profiles.manifest import File, Manifest
from profiles.models import Image, ImageUpload
from profiles.services.locks import alone
from profiles.services.promotions import image_promote
from profiles.services.versions import (
    manifest_read,
    packages_read,
    row_of,
    signer_of,
    stored_at,
    version_known,
    version_write,
)

KEY_BYTES = 24
MOST_AT_ONCE = 20  # uploads of one person that are not complete


@dataclass(frozen=True, slots=True)
class Target:
    """A file that is still to come: where one PUT takes it, empty for the gRPC call."""

    kind: str
    url: str


@dataclass(frozen=True, slots=True)
class Begun:
    """What is still to be done: nothing for a version that is known with the same files."""

    upload: ImageUpload | None
    image: Image | None
    targets: list[Target]


def image_begin(*, manifest: bytes, signature: str, by: str) -> Begun:
    """Accept a manifest and say which files are missing; the same one again goes on with it.

    Raises Invalid for a manifest that cannot be used, Denied for a signature by no trusted key,
    Exists where the version is known with other files, Busy for too many uploads at a time.
    """
    found = manifest_read(manifest)
    signer = signer_of(manifest, signature, label=found.label)
    known = version_known(row_of(found, signature=signature, signed_by=signer))
    if known is not None:
        return Begun(None, known, [])
    upload = _begun(found, signature.strip(), signer, by)
    targets = [
        Target(kind, storage.put_url(_came(upload, kind), file.size) or "")
        for kind, file in found.files.items()
        if _misses(upload, found, kind, file)
    ]
    return Begun(upload, None, targets)


def upload_size(*, key: str, kind: str, by: str) -> tuple[ImageUpload, int]:
    """Return an upload, and how many bytes a file of it must have.

    Raises NotFound for an upload that has ended, Invalid for a file that it does not have, and
    where the storage takes files itself.
    """
    upload = upload_find(key=key, by=by)
    file = manifest_read(upload.manifest.encode()).files.get(kind)
    if file is None or upload.image_id is not None:
        raise Invalid(f"There is no file {kind[:40]!r} to upload for {upload}.")
    if storage.put_url(_came(upload, kind), file.size):
        raise Invalid(
            "The storage takes this file itself.", advice="PUT it to the address of BeginImage."
        )
    return upload, file.size


def image_upload(*, upload: ImageUpload, kind: str, file: IO[bytes]) -> None:
    """Put a file where completing it will look for it; whole, or not at all."""
    storage.current().write(_came(upload, kind), file)


def image_complete(*, key: str, promote: bool, by: str) -> Image:
    """Verify all files in the storage, give them their names and make the version known.

    Twice is once. Raises NotFound for an upload that has ended, Conflict for a file that is
    missing, Damaged for one that is not what the manifest says, Busy where it is just being done.
    """
    upload = upload_find(key=key, by=by)
    image = upload.image
    if image is None:
        with alone(upload.name, upload.version):
            image = _completed(upload)
    if promote:
        image_promote(image=image, by=by)
    return image


def image_abort(*, upload: ImageUpload) -> None:
    """Give an upload up and remove what came of it; a version that is known stays."""
    if upload.image_id is None:
        with alone(upload.name, upload.version):
            _remove(upload)
    upload.delete()


def upload_find(*, key: str, by: str) -> ImageUpload:
    """Return somebody's upload that has not ended; raises NotFound."""
    rows = ImageUpload.objects.select_related("image")
    upload = rows.filter(key=key[:64].replace("\0", ""), began_by=by).first()
    if upload is None or upload.expires_at <= timezone.now():
        raise NotFound("There is no such upload of yours any more.", issue=issues.UPLOAD_OVER)
    return upload


def uploads_prune() -> int:
    """Remove uploads that were not completed in time, and files that no upload has; counts them."""
    over = list(ImageUpload.objects.filter(expires_at__lte=timezone.now()))
    for upload in over:
        with suppress(Busy):  # it is being completed after all
            image_abort(upload=upload)
    keys = set(ImageUpload.objects.values_list("key", flat=True))
    limit = timezone.now() - timedelta(hours=settings.UPLOAD_HOURS)
    lost = [
        found.path
        for found in storage.listed(storage.INCOMING)
        if found.at < limit and found.path.split("/")[1] not in keys
    ]
    for path in lost:
        storage.delete(path)
    return len(over) + len(lost)


def _begun(manifest: Manifest, signature: str, signer: str, by: str) -> ImageUpload:
    """Return the upload of this manifest that is under way, or a new one."""
    expires_at = timezone.now() + timedelta(hours=settings.UPLOAD_HOURS)
    mine = ImageUpload.objects.filter(began_by=by, image=None, expires_at__gt=timezone.now())
    same = mine.filter(name=manifest.name, version=manifest.version, manifest=manifest.text)
    upload = same.filter(signature=signature).first()
    if upload is not None:
        upload.expires_at = expires_at
        upload.save(update_fields=["expires_at"])
        return upload
    if mine.count() >= MOST_AT_ONCE:
        raise Busy(
            f"You have {MOST_AT_ONCE} uploads under way.",
            advice="Complete some of them, or give them up under Images in the Admin.",
        )
    return ImageUpload.objects.create(
        key=secrets.token_hex(KEY_BYTES),
        name=manifest.name,
        version=manifest.version,
        manifest=manifest.text,
        signature=signature,
        signed_by=signer,
        began_by=by,
        expires_at=expires_at,
    )


def _came(upload: ImageUpload, kind: str) -> str:
    return f"{storage.INCOMING}{upload.key}/{kind}"


def _taken(upload: ImageUpload, kind: str) -> str:
    """Return where a file lies while it is verified: out of the reach of an address for a PUT."""
    return f"{storage.INCOMING}{upload.key}/taken/{kind}"


def _final(manifest: Manifest, file: File) -> str:
    return stored_at(
        name=manifest.name, version=manifest.version, sha256=file.sha256, file=file.name
    )


def _misses(upload: ImageUpload, manifest: Manifest, kind: str, file: File) -> bool:
    places = (_final(manifest, file), _came(upload, kind), _taken(upload, kind))
    return all(storage.size(path) != file.size for path in places)


def _completed(upload: ImageUpload) -> Image:
    manifest = manifest_read(upload.manifest.encode())
    image = row_of(manifest, signature=upload.signature, signed_by=upload.signed_by)
    known = version_known(image)
    if known is None:
        for kind, file in manifest.files.items():
            _settle(upload, manifest, kind, file)
        packages = _packages(image)
        assert image.manifest is not None
        storage.store(image.manifest.path, BytesIO(manifest.text.encode()))
    with transaction.atomic():
        if known is None:
            known, _ = version_write(image, manifest=manifest.text, packages=packages)
        ImageUpload.objects.filter(pk=upload.pk).update(image=known)
    _remove_incoming(upload)
    return known


def _settle(upload: ImageUpload, manifest: Manifest, kind: str, file: File) -> None:
    """Give a file its final name, once it has been read back and is what the manifest says."""
    final, taken = _final(manifest, file), _taken(upload, kind)
    if _is(final, file):
        return
    if storage.size(_came(upload, kind)) is not None:
        storage.move(_came(upload, kind), taken)
    elif storage.size(taken) is None:
        raise Conflict(
            f"{kind} ({file.name}) of {manifest.label} has not been uploaded.",
            issue=issues.FILE_MISSING,
        )
    if not _is(taken, file):
        storage.delete(taken)
        raise Damaged(
            f"{kind} ({file.name}) of {manifest.label} is not what its manifest says.",
            issue=issues.FILE_DIFFERENT,
        )
    storage.move(taken, final)


def _is(path: str, file: File) -> bool:
    return storage.size(path) == file.size and storage.sha256_of(path) == file.sha256


def _packages(image: Image) -> dict[str, str]:
    if image.sbom is None:
        return {}
    return packages_read(storage.read(image.sbom.path, most=sbom.MAX_BYTES), label=str(image))


def _remove(upload: ImageUpload) -> None:
    """Remove all files of an upload, also those that have their final name by now."""
    _remove_incoming(upload)
    if not Image.objects.filter(name=upload.name, version=upload.version).exists():
        manifest = manifest_read(upload.manifest.encode())
        for file in manifest.files.values():
            storage.delete(_final(manifest, file))


def _remove_incoming(upload: ImageUpload) -> None:
    for found in list(storage.listed(f"{storage.INCOMING}{upload.key}/")):
        storage.delete(found.path)
