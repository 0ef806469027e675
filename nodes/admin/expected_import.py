"""The list of expected machines as a file: given, checked, taken, and sent back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from bearman.admin import log_added, refuse
from bearman.lib.errors import BearmanError, NotFound
from nodes import arrivals
from nodes.admin.doing import actor_of
from nodes.expected.csv_read import MAX_LINES
from nodes.expected.csv_text import MAX_BYTES
from nodes.expected.entry import COLUMNS
from nodes.expected.sample import SAMPLE
from nodes.models import ExpectedImport
from nodes.services.expected_files import file_find, file_keep, file_take
from nodes.services.expected_import import expected_check, expected_lines

if TYPE_CHECKING:
    from nodes.admin.expected import ExpectedMachineAdmin

SHOWN = 100  # new and changed machines named on the page of a check
CSV = "text/csv; charset=utf-8"


def may_import(page: ExpectedMachineAdmin, request: HttpRequest) -> bool:
    """Say whether the operator may import a list."""
    return page.has_add_permission(request) and page.has_change_permission(request)


def upload_page(page: ExpectedMachineAdmin, request: HttpRequest) -> HttpResponse:
    """Ask for a file (GET), or keep it and lead to its check (POST)."""
    _require(may_import(page, request))
    file = request.FILES.get("file")
    if request.method == "POST" and file is None:
        messages.error(request, "Choose a file first.")
    if request.method != "POST" or file is None:
        context = {
            "title": "Import expected machines",
            "columns": COLUMNS,
            "sample": SAMPLE,
            "most_lines": MAX_LINES,
            "imports": arrivals.latest_imports(),
        }
        return _page(page, request, "nodes/admin/expected_upload.html", context)
    # One byte over the limit is enough to say that it is over it.
    kept = file_keep(
        name=str(file.name), data=file.read(MAX_BYTES + 1), by=request.user.get_username()
    )
    return HttpResponseRedirect(reverse("admin:nodes_expectedmachine_check", args=[kept.pk]))


def check_page(page: ExpectedMachineAdmin, request: HttpRequest, key: UUID) -> HttpResponse:
    """Show each fault of a kept file, or what it would do (GET); or import it (POST)."""
    _require(may_import(page, request))
    try:
        kept = file_find(key=key)
    except NotFound as error:
        refuse(request, error)
        return HttpResponseRedirect(reverse("admin:nodes_expectedmachine_import"))
    if request.method == "POST" and _taken(request, kept):
        return HttpResponseRedirect(
            f"{reverse('admin:nodes_expectedmachine_changelist')}?state=all"
        )
    plan = expected_check(data=bytes(kept.data))
    context = {
        "title": f"Import {kept.name}",
        "kept": kept,
        "plan": plan,
        "new": plan.new[:SHOWN],
        "more_new": max(0, len(plan.new) - SHOWN),
        "changed": plan.changed[:SHOWN],
        "more_changed": max(0, len(plan.changed) - SHOWN),
    }
    return _page(page, request, "nodes/admin/expected_check.html", context)


def _taken(request: HttpRequest, kept: ExpectedImport) -> bool:
    try:
        plan = file_take(row=kept, actor=actor_of(request))
    except BearmanError as error:
        refuse(request, error)
        return False
    log_added(request, kept, f"Imported: {plan.words}")
    linked = f" {plan.linked} of them had registered already." if plan.linked else ""
    messages.success(request, f"{kept.name} was imported: {plan.words}{linked}")
    return True


def file_download(page: ExpectedMachineAdmin, request: HttpRequest, key: UUID) -> HttpResponse:
    """Send a kept file as it was given."""
    _require(page.has_view_permission(request))
    try:
        kept = file_find(key=key)
    except BearmanError as error:
        raise Http404(str(error)) from error
    return _download(bytes(kept.data), f"expected-{kept.at:%Y-%m-%d-%H%M}.csv")


def export_download(page: ExpectedMachineAdmin, request: HttpRequest) -> HttpResponse:
    """Send the list as a file that can be imported again."""
    _require(page.has_view_permission(request))
    return _download("".join(expected_lines()), f"expected-{timezone.localdate()}.csv")


def sample_download(page: ExpectedMachineAdmin, request: HttpRequest) -> HttpResponse:
    """Send a small list to begin with."""
    _require(page.has_view_permission(request))
    return _download(SAMPLE, "expected-sample.csv")


def _download(content: str | bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=CSV)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _require(allowed: bool) -> None:
    if not allowed:
        raise PermissionDenied


def _page(
    page: ExpectedMachineAdmin, request: HttpRequest, template: str, context: dict[str, Any]
) -> TemplateResponse:
    own = {**page.admin_site.each_context(request), "opts": page.opts, "media": page.media}
    return TemplateResponse(request, template, {**own, **context})
