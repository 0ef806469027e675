"""Writes on images: artefacts go into the storage first, and the row says so last."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from bearman.lib.errors import Conflict, Invalid, Unavailable
from profiles.models import Image
from profiles.models.image import Artefact

CHUNK = 1024 * 1024  # bytes read at a time


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
    make_current: bool = True,
) -> tuple[Image, bool]:
    """Put a version of an image into the storage and make it known; true if it is new.

    Adding the same files again changes nothing but which version is current. Raises Invalid for a
    bad name, version or file, Conflict where the version is known with other files, Unavailable
    where the storage fails. Files lie under their hash, so that none overwrites another.
    """
    image = Image(name=name, version=version, built_from=built_from)
    image.built_at = built_at or timezone.now()
    _check_names(image)
    for kind, path, stored in _plan(image, files):
        artefact = _described(path, stored)
        setattr(image, f"{kind}_path", artefact.path)
        setattr(image, f"{kind}_size", artefact.size)
        setattr(image, f"{kind}_sha256", artefact.sha256)
    known = Image.objects.filter(name=name, version=version).first()
    if known is None:
        for kind, path, _ in _plan(image, files):
            _store(path, getattr(image, kind))
        known, created = _written(image)
    else:
        created = False
        _require_same(known, image)
    if make_current:
        image_make_current(image=known)
    return known, created


def image_make_current(*, image: Image) -> None:
    """Have profiles that follow the image's name deploy this version from now on."""
    with transaction.atomic():
        rows = Image.objects.select_for_update().filter(name=image.name).order_by("pk")
        list(rows.values_list("pk", flat=True))
        rows.filter(current=True).exclude(pk=image.pk).update(current=False)
        rows.filter(pk=image.pk).update(current=True)
    image.current = True


def image_delete(*, image: Image) -> None:
    """Delete a version and its files; raises Conflict for one that something still needs.

    That is the current one, one that a profile is held at, and one that a machine boots.
    """
    with transaction.atomic():
        row = Image.objects.select_for_update().get(pk=image.pk)
        if row.current:
            raise Conflict(f"{row} is the current version.", advice="Make another one current.")
        try:
            row.delete()
        except ProtectedError as error:
            raise Conflict(
                f"{row} is in use: a profile is held at it, or a machine boots it.",
                advice="Its page says which.",
            ) from error
        found = (image.kernel, image.initramfs, image.root)
        paths = [artefact.path for artefact in found if artefact is not None]
        transaction.on_commit(lambda: _remove(paths))  # also of a transaction around this one


def _remove(paths: list[str]) -> None:
    for path in paths:
        default_storage.delete(path)


def _check_names(image: Image) -> None:
    try:
        image.clean_fields(
            exclude=[
                f"{kind}_{what}"
                for kind in ("kernel", "initramfs", "root")
                for what in ("path", "size", "sha256")
            ]
        )
    except ValidationError as error:
        raise Invalid(" ".join(error.messages)) from error


def _plan(image: Image, files: Artefacts) -> list[tuple[str, Path, str]]:
    """Return kind, file and the name in the storage, in which `{}` stands for the hash."""
    folder = f"images/{image.name}/{image.version}"
    named = [("kernel", files.kernel, "vmlinuz"), ("initramfs", files.initramfs, "initrd.img")]
    if files.root is not None:
        named.append(("root", files.root, "filesystem.squashfs"))
    return [(kind, path, f"{folder}/{{}}/{name}") for kind, path, name in named]


def _described(path: Path, stored: str) -> Artefact:
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
    return Artefact(stored.format(digest.hexdigest()[:16]), size, digest.hexdigest())


def _store(path: Path, artefact: Artefact) -> None:
    """Put a file into the storage; one that lies there whole already stays."""
    try:
        if default_storage.exists(artefact.path):
            if default_storage.size(artefact.path) == artefact.size:
                return
            default_storage.delete(artefact.path)  # somebody was killed half-way
        with path.open("rb") as file:
            stored = default_storage.save(artefact.path, File(file))
    except OSError as error:
        raise Unavailable(f"The storage does not take {artefact.path}: {error}.") from error
    if stored != artefact.path:
        default_storage.delete(stored)
        raise Conflict(f"{artefact.path} is being added by somebody else.", advice="Try again.")


def _written(image: Image) -> tuple[Image, bool]:
    try:
        with transaction.atomic():
            image.save()
    except IntegrityError:
        known = Image.objects.get(name=image.name, version=image.version)
        _require_same(known, image)
        return known, False
    return image, True


def _require_same(known: Image, given: Image) -> None:
    same = all(getattr(known, k) == getattr(given, k) for k in ("kernel", "initramfs", "root"))
    if not same:
        raise Conflict(
            f"{known} is known already, with other files.", advice="Give it another version."
        )
