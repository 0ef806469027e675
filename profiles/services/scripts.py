"""Writes on boot scripts."""

import hashlib

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from bearman.lib.errors import NotFound
from profiles.models import BootScript


def script_publish(*, name: str, content: bytes) -> tuple[BootScript, bool]:
    """Put a boot script into the storage and make it the current one; true if it was not yet.

    The name in the storage has the hash, so versions never overwrite each other.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    path = f"scripts/{sha256[:16]}/{name}"
    if not default_storage.exists(path):
        default_storage.save(path, ContentFile(content))
    with transaction.atomic():
        row, _ = BootScript.objects.select_for_update().get_or_create(
            name=name, sha256=sha256, defaults={"path": path}
        )
        changed = not row.current
        if changed:
            _make_current(row)
    return row, changed


def script_rollback(*, name: str, sha256: str) -> BootScript:
    """Make an earlier version current, by its hash or the start of it; raises NotFound."""
    found = list(BootScript.objects.filter(name=name, sha256__startswith=sha256)[:2])
    if len(found) != 1:
        raise NotFound(f"{name} has {'no' if not found else 'more than one'} version {sha256}.")
    with transaction.atomic():
        _make_current(found[0])
    return found[0]


def _make_current(row: BootScript) -> None:
    BootScript.objects.filter(name=row.name, current=True).exclude(pk=row.pk).update(current=False)
    BootScript.objects.filter(pk=row.pk).update(current=True)
    row.current = True
