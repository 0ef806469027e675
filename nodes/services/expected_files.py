"""Files with lists of expected machines: kept from the check to the import, and for a while."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from bearman.lib.errors import NotFound
from bearman.lib.text import clean
from nodes.models import ExpectedImport
from nodes.services.expected_import import ImportPlan, expected_import

KEPT = 50  # files that were imported
UNTAKEN = timedelta(days=1)  # how long one that was only checked is kept


def file_keep(*, name: str, data: bytes, by: str) -> ExpectedImport:
    """Keep a file that was checked; older ones go."""
    ExpectedImport.objects.filter(taken_at=None, at__lt=timezone.now() - UNTAKEN).delete()
    taken = ExpectedImport.objects.exclude(taken_at=None).order_by("-taken_at")
    old = list(taken.values_list("pk", flat=True)[KEPT:])
    ExpectedImport.objects.filter(pk__in=old).delete()
    return ExpectedImport.objects.create(name=clean(name)[:200] or "file.csv", data=data, by=by)


def file_find(*, key: UUID) -> ExpectedImport:
    """Return a kept file; raises NotFound."""
    row = ExpectedImport.objects.filter(pk=key).first()
    if row is None:
        raise NotFound("That file is not kept any more.", advice="Choose it once more.")
    return row


def file_take(*, row: ExpectedImport, actor: str) -> ImportPlan:
    """Import a kept file; raises Invalid as `expected_import` does."""
    with transaction.atomic():
        plan = expected_import(data=bytes(row.data), actor=actor)
        ExpectedImport.objects.filter(pk=row.pk).update(taken_at=timezone.now(), by=actor)
    return plan
