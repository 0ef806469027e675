"""Deleting versions of images: the row at once, and its files in a task after that."""

from django.db import transaction
from django.db.models import ProtectedError
from procrastinate.contrib.django import app
from procrastinate.types import JSONValue

from bearman import storage
from bearman.lib.errors import Conflict, NotFound
from bearman.lib.issues import images as issues
from profiles.models import Image
from profiles.services.locks import alone, alone_until_commit

TASK = "profiles.tasks.remove_files"  # by its name: services know nothing of tasks


def image_delete(*, image: Image) -> None:
    """Delete a version; the worker removes its files when that is committed.

    Raises Conflict for one that something still needs: the current one, one that a profile is held
    at, and one that a machine boots. Raises NotFound where somebody else has just deleted it, Busy
    while somebody adds the same version.
    """
    with transaction.atomic():
        alone_until_commit(image.name, image.version)
        row = Image.objects.select_for_update().filter(pk=image.pk).first()
        if row is None:
            raise NotFound(f"There is no {image} any more: somebody has deleted it.")
        paths: list[JSONValue] = [artefact.path for artefact in row.artefacts.values()]
        _row_delete(row)
        app.configure_task(TASK).defer(name=image.name, version=image.version, paths=paths)


def image_files_remove(*, name: str, version: str, paths: list[str]) -> None:
    """Remove the files of a version that was deleted, but for those that it has again by now.

    Raises Busy while somebody adds it, Unavailable where the storage fails: the same call again
    goes on with it.
    """
    with alone(name, version):
        again = Image.objects.filter(name=name, version=version).first()
        needed = {artefact.path for artefact in again.artefacts.values()} if again else set()
        for path in paths:
            if path not in needed:
                storage.delete(path)


def _row_delete(row: Image) -> None:
    if row.current:
        raise Conflict(
            f"{row} is the current version.",
            advice="Make another one current.",
            issue=issues.IN_USE,
        )
    try:
        row.delete()
    except ProtectedError as error:
        raise Conflict(
            f"{row} is in use: a profile is held at it, or a machine boots it.",
            issue=issues.IN_USE,
        ) from error
