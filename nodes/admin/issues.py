"""The page on the issue catalogue: what there is, what it means, and who has it now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from bearman.lib.issues import AREAS, ORDER, Issue
from bearman.lib.issues.page import anchor
from nodes.issues import node_counts

VIEW = "nodes.view_node"


@dataclass(frozen=True, slots=True)
class Source:
    """What may have an issue: one word for it, its list's page, and how many have each code."""

    word: str
    page: str
    permission: str
    counts: Callable[[], dict[str, int]]


@dataclass(frozen=True, slots=True)
class Holders:
    """How many of a kind have an issue now, and the list of them."""

    words: str
    url: str


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of the catalogue, its place on the page, and who has it now."""

    entry: Issue
    anchor: str
    holders: list[Holders]


_SOURCES = [Source("node", "admin:nodes_node_changelist", VIEW, node_counts)]


def register(source: Source) -> None:
    """Count what another app has too; one query for each."""
    _SOURCES.append(source)


def issues_page(request: HttpRequest) -> HttpResponse:
    """Show the whole catalogue by area, above it what there is now."""
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    rows = _rows(request)
    there = [row for entries in rows.values() for row in entries if row.holders]
    context = {
        **admin.site.each_context(request),
        "title": "Issues",
        "areas": [(title, _slug(title), found) for title, found in rows.items() if found],
        "there": sorted(there, key=lambda row: ORDER.index(row.entry.severity)),
    }
    return TemplateResponse(request, "nodes/admin/issues.html", context)


def _rows(request: HttpRequest) -> dict[str, list[Row]]:
    seen = [source for source in _SOURCES if request.user.has_perm(source.permission)]
    counted = [(source, source.counts()) for source in seen]
    return {
        title: [Row(entry, anchor(entry.code), _holders(entry.code, counted)) for entry in entries]
        for title, entries in AREAS.items()
    }


def _holders(code: str, counted: list[tuple[Source, dict[str, int]]]) -> list[Holders]:
    return [
        Holders(_words(counts[code], source.word), f"{reverse(source.page)}?issue={code}")
        for source, counts in counted
        if code in counts
    ]


def _words(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


def _slug(title: str) -> str:
    return f"area-{title.lower().replace(' ', '-')}"
