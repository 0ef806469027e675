"""The page for the person back at the desk: what came of a round, and where to walk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from bearman.admin import refuse
from bearman.lib.errors import BearmanError, Invalid
from bearman.lib.spreadsheet import csv_lines
from nodes.models import Node
from nodes.roundup import USUAL_HOURS, RoundUp, Span, Stop, round_up, span_of
from nodes.services.power import MAX_NODES

HOURS = (2, 8, 12, 24, 72)
VIEW = "nodes.view_node"
CHANGE = "nodes.change_node"
TITLES = (
    *("zone", "rack", "unit", "node", "machine", "serial", "status", "code", "title"),
    *("reason", "what to do", "IP"),
)


def roundup_page(request: HttpRequest) -> HttpResponse:
    """Show what came of the last hours, or of a span; with `?format=csv` the list as a file."""
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    try:
        span, chosen = _span(request)
    except BearmanError as error:
        refuse(request, error)
        span, chosen = span_of(), USUAL_HOURS
    found = round_up(span)
    if request.GET.get("format") == "csv":
        return _file(found)
    lights = [stop.node.pk for stop in found.stops if stop.node and hasattr(stop.node, "bmc")]
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "opts": Node._meta,
        "title": "Round-up",
        "found": found,
        "hours": HOURS,
        "chosen": chosen,
        "query": request.GET.urlencode(),
        "may_light": request.user.has_perm(CHANGE),
        "lights": lights[:MAX_NODES],
        "now": timezone.now(),
    }
    return TemplateResponse(request, "nodes/admin/roundup.html", context)


def _span(request: HttpRequest) -> tuple[Span, int]:
    """Return the span that was asked for, and its hours or 0; raises Invalid."""
    since, until, hours = _moment(request, "since"), _moment(request, "until"), _hours(request)
    return span_of(hours=hours, since=since, until=until), 0 if since or until else hours


def _hours(request: HttpRequest) -> int:
    text = request.GET.get("hours", "") or str(USUAL_HOURS)
    if not (text.isascii() and text.isdigit() and len(text) < 5):
        raise Invalid("`hours` must be a number.")
    return int(text)


def _moment(request: HttpRequest, name: str) -> datetime | None:
    """Return a time in the project's zone as a browser's field gives it; raises Invalid."""
    text = request.GET.get(name, "").strip()
    try:
        moment = parse_datetime(text) if text else None
    except ValueError:
        moment = None
    if text and moment is None:
        raise Invalid(f"{text[:40]!r} is no time such as 2026-12-31T08:00.")
    if moment is not None and timezone.is_naive(moment):
        moment = timezone.make_aware(moment)
    return moment


def _file(found: RoundUp) -> HttpResponse:
    lines = csv_lines(TITLES, (_row(stop) for stop in found.stops))
    response = HttpResponse("".join(lines), content_type="text/csv; charset=utf-8")
    name = f"round-up-{timezone.localtime(found.span.until):%Y-%m-%d-%H%M}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _row(stop: Stop) -> tuple[object, ...]:
    node = stop.node
    return (
        *(stop.zone, stop.rack, stop.unit, node.pk if node else None, stop.machine, stop.serial),
        *(node.status if node else "missing", stop.issue, stop.title, stop.reason, stop.advice),
        node.address if node else None,
    )
