"""The door at which machines ask over HTTP; plain text, never HTML."""

from ipaddress import ip_address

import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from baremetal.services import boot_script
from bearman.lib.errors import BearmanError, Invalid, Unauthenticated
from bearman.lib.network import client_address
from nodes.services.boot import boot_caller
from nodes.uuids import canonical_uuid
from profiles import ipxe
from profiles.selectors import script_due

log = structlog.get_logger(__name__)
TEXT = "text/plain; charset=utf-8"


@require_safe
@never_cache
def ipxe_view(request: HttpRequest, uuid: str | None = None) -> HttpResponse:
    """`GET /ipxe/<uuid>`: the iPXE script for this machine now. Always 200 with a valid script."""
    try:
        script = boot_script(uuid_text=uuid or "", source=_source(request))
    except (DatabaseError, BearmanError, ValueError) as error:
        log.warning("/ipxe failed", error=str(error))
        same = f"{settings.PUBLIC_URL}/ipxe/{canonical_uuid(uuid or '') or ''}"
        script = ipxe.again(url=same, reason="the server cannot answer right now.")
    return HttpResponse(script, content_type=TEXT)


@require_safe
@never_cache
def autorun_view(request: HttpRequest, uuid: str | None = None) -> HttpResponse:
    """`GET /autorun/<uuid>`, with the boot token: the script that is due, as `NAME SHA256 URL`."""
    try:
        boot_caller(token=_token(request), uuid=_uuid(uuid or ""), source=_source(request))
        script = script_due(name="register.sh")
    except BearmanError as error:
        return HttpResponse(f"{error}\n", status=error.http_status, content_type=TEXT)
    return HttpResponse(f"{script.name} {script.sha256} {script.url}\n", content_type=TEXT)


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """`GET /healthz`: this process answers."""
    return HttpResponse("ok\n", content_type=TEXT)


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """`GET /readyz`: this process can reach its database; 503 otherwise."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("the database does not answer\n", status=503, content_type=TEXT)
    return HttpResponse("ok\n", content_type=TEXT)


def _source(request: HttpRequest) -> str:
    peer = ip_address(request.META.get("REMOTE_ADDR") or "::1")
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    return str(client_address(peer, forwarded, settings.TRUSTED_PROXIES))


def _uuid(text: str) -> str:
    uuid = canonical_uuid(text[:100])
    if uuid is None:
        raise Invalid("The address ends in something that is not a UUID.")
    return uuid


def _token(request: HttpRequest) -> str:
    header: str = request.META.get("HTTP_AUTHORIZATION", "")
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("Send the boot token as `Authorization: Bearer <token>`.")
    return token.strip()
