"""Asks before addresses are taken back, and then takes back what was shown and nothing else."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.admin import helpers
from django.core import signing
from django.http import HttpRequest
from django.template.response import TemplateResponse

from bearman.admin import BearmanAdmin, each
from ipman.models import Address
from ipman.services import address_release

MOST_NAMED = 100
_SALT = "ipman.admin.release"
_GOOD_FOR_SECONDS = 3600


def release_page(
    page: BearmanAdmin[Address], request: HttpRequest, rows: list[Address]
) -> TemplateResponse:
    """Return a page that names the addresses and their owners, and posts to where it is."""
    subject = str(rows[0]) if len(rows) == 1 else f"{len(rows)} addresses"
    context: dict[str, Any] = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "media": page.media,
        "title": f"Release {subject}",
        "subject": subject,
        "rows": rows[:MOST_NAMED],
        "more": max(0, len(rows) - MOST_NAMED),
        "keys": [row.pk for row in rows],
        "key_name": helpers.ACTION_CHECKBOX_NAME,
        # By the time of the answer an address may be somebody else's.
        "shown": signing.dumps([(row.pk, row.owner, row.key) for row in rows], salt=_SALT),
        "back": request.get_full_path(),
    }
    return TemplateResponse(request, "ipman/admin/release.html", context)


def release_shown(page: BearmanAdmin[Address], request: HttpRequest) -> None:
    """Take back the addresses that the page showed, each from the owner that it showed."""
    try:
        shown = signing.loads(request.POST["shown"], salt=_SALT, max_age=_GOOD_FOR_SECONDS)
    except signing.BadSignature:
        messages.error(request, "That page was too old. Select the addresses again.")
        return
    holders = {address: (owner, key) for address, owner, key in shown}
    rows = [
        row
        for row in Address.objects.filter(pk__in=holders).in_use()
        if (row.owner, row.key) == holders[row.pk]
    ]
    done = each(request, rows, lambda row: _release(page, request, row))
    if done:
        messages.success(request, f"Released: {len(done)}. They rest before they are used again.")
    if len(rows) < len(holders):
        messages.warning(request, f"Changed hands meanwhile: {len(holders) - len(rows)}.")


def _release(page: BearmanAdmin[Address], request: HttpRequest, row: Address) -> None:
    owner = str(row.owner)
    address_release(owner=owner, key=row.key, actor=request.user.get_username())
    page.log_change(request, row, f"Released it from {owner} ({row.key}).")
