"""The page that compares the packages of two versions of images."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from bearman.admin import BearmanAdmin
from bearman.lib.errors import BearmanError
from profiles.admin.form import number
from profiles.models import Image
from profiles.sbom import Change
from profiles.selectors import package_changes

KINDS = {"added": "good", "removed": "bad", "changed": "warn"}
MOST_ROWS = 500  # shown at a time
MOST_CHOICES = 500


@dataclass(frozen=True, slots=True)
class Counts:
    """How many packages are added, removed and changed from one version to another."""

    before: Image
    after: Image
    added: int
    removed: int
    changed: int

    @property
    def nothing(self) -> bool:
        """Whether both have the same packages."""
        return not (self.added or self.removed or self.changed)


def counts_between(before: Image, after: Image) -> Counts | None:
    """Return how many packages change; None where it is not known, or both are one."""
    if before.pk == after.pk or not (before.package_count and after.package_count):
        return None
    found = Counter(change.kind for change in package_changes(before=before, after=after))
    return Counts(before, after, *(found[kind] for kind in KINDS))


def compare_page(page: BearmanAdmin[Image], request: HttpRequest) -> HttpResponse:
    """Return the page; `before` and `after` are versions, `q` and `kind` narrow what is shown."""
    before, after = _chosen(request, "before"), _chosen(request, "after")
    context: dict[str, Any] = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "title": "Compare packages",
        "before": before,
        "after": after,
        "choices": list(_choices()),
        "query": request.GET.get("q", "")[:100],
        "kind": request.GET.get("kind", ""),
    }
    if before is not None and after is not None:
        context |= _compared(before, after, query=context["query"], kind=context["kind"])
    return TemplateResponse(request, "profiles/admin/image_compare.html", context)


def _compared(before: Image, after: Image, *, query: str, kind: str) -> dict[str, Any]:
    try:
        found = package_changes(before=before, after=after)
    except BearmanError as error:
        return {"problem": str(error)}
    counts = Counter(change.kind for change in found)
    words = query.lower().split()
    shown = [change for change in found if _fits(change, words, kind)]
    return {
        "compared": True,
        "counts": [(name, counts[name], tone) for name, tone in KINDS.items()],
        "total": len(found),
        "rows": [(change, KINDS[change.kind]) for change in shown[:MOST_ROWS]],
        "more": max(0, len(shown) - MOST_ROWS),
        "growth": after.size - before.size,
        "grown": abs(after.size - before.size),
    }


def _fits(change: Change, words: list[str], kind: str) -> bool:
    text = f"{change.name} {change.before} {change.after}".lower()
    return (kind not in KINDS or change.kind == kind) and all(word in text for word in words)


def _choices() -> Any:
    """Return versions to choose from, those without a list of packages too: it says so then."""
    return Image.objects.order_by("name", "-pk")[:MOST_CHOICES]


def _chosen(request: HttpRequest, name: str) -> Image | None:
    pk = number(request.GET.get(name))
    return Image.objects.filter(pk=pk).first() if pk else None
