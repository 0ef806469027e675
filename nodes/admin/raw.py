"""What a machine sent of itself, as text: to read in part, and to download whole."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from bearman.lib.text import clean
from bearman.pages import size
from nodes.models import Node, RawInventory

SHOWN = 64 * 1024  # characters of each text on the page

_PARTS: dict[str, tuple[str, Callable[[RawInventory], str]]] = {
    "dmidecode": ("dmidecode", lambda raw: _text(raw.dmidecode)),
    "lsblk": ("lsblk --json", lambda raw: _text(raw.lsblk)),
    "ip-link": ("ip -json link", lambda raw: _text(raw.ip_link)),
    "ethtool": ("ethtool -i", lambda raw: _ethtool(raw.ethtool)),
}


def raw_inventory_page(request: HttpRequest, pk: int, part: str = "") -> HttpResponse:
    """Show a node's raw inventory, cut where it is long; with `part`, send that one whole."""
    if not request.user.has_perm("nodes.view_rawinventory"):
        raise PermissionDenied
    raw = RawInventory.objects.select_related("node").filter(pk=pk).first()
    if raw is None or part not in {"", *_PARTS}:
        raise Http404(f"Node {pk} has sent no such inventory.")
    return _download(raw, part) if part else _page(request, raw)


def _download(raw: RawInventory, part: str) -> HttpResponse:
    response = HttpResponse(_PARTS[part][1](raw), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="node-{raw.pk}-{part}.txt"'
    return response


def _page(request: HttpRequest, raw: RawInventory) -> TemplateResponse:
    texts = [_shown(name, title, read(raw)) for name, (title, read) in _PARTS.items()]
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "opts": Node._meta,
        "original": raw.node,
        "title": f"Raw inventory of {raw.node}",
        "raw": raw,
        "texts": texts,
    }
    return TemplateResponse(request, "nodes/admin/raw.html", context)


def _shown(name: str, title: str, text: str) -> dict[str, Any]:
    return {
        "name": name,
        "title": title,
        "text": clean(text[:SHOWN], keep="\n\t"),
        "size": size(len(text.encode())),
        "is_cut": len(text) > SHOWN,
    }


def _text(sent: bytes | memoryview) -> str:
    return bytes(sent).decode(errors="replace")


def _ethtool(sent: dict[str, str]) -> str:
    return "\n".join(f"== {name}\n{text}" for name, text in sorted(sent.items()))
