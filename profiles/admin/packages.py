"""The page with all packages of a version."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from bearman.admin import BearmanAdmin
from bearman.lib.errors import BearmanError
from profiles.models import Image
from profiles.selectors import packages_of

MOST_ROWS = 2000  # shown at a time


def packages_page(page: BearmanAdmin[Image], request: HttpRequest, image: Image) -> HttpResponse:
    """Return the page; `q` narrows what is shown."""
    query = request.GET.get("q", "")[:100]
    problem, found = "", {}
    try:
        found = packages_of(image)
    except BearmanError as error:
        problem = str(error)
    words = query.lower().split()
    rows = [
        (name, version)
        for name, version in sorted(found.items())
        if all(word in f"{name} {version}".lower() for word in words)
    ]
    context = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "original": image,
        "title": f"Packages of {image}",
        "image": image,
        "problem": problem,
        "query": query,
        "total": len(found),
        "rows": rows[:MOST_ROWS],
        "more": max(0, len(rows) - MOST_ROWS),
    }
    return TemplateResponse(request, "profiles/admin/image_packages.html", context)
