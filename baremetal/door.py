"""What the views of the machines' door have in common: who calls, and errors as a line of text."""

from collections.abc import Callable, Collection
from functools import wraps
from ipaddress import ip_address

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from baremetal.models import Baremetal
from baremetal.services.machine import system_caller
from bearman.lib.errors import BearmanError, Invalid, Unauthenticated
from bearman.lib.network import client_address
from nodes.services.boot import ANY_PURPOSE, BootCaller, Purpose, boot_caller
from nodes.uuids import canonical_uuid

log = structlog.get_logger(__name__)
TEXT = "text/plain; charset=utf-8"
NONCE = "HTTP_X_BEARMAN_NONCE"
ISSUE = "X-Bearman-Issue"
MAX_NONCE = 64  # characters

View = Callable[..., HttpResponse]


def machine_view(*methods: str) -> Callable[[View], View]:
    """Make a view for machines: of these methods, cached by nobody, with errors as plain text."""

    def wrap(view: View) -> View:
        @never_cache
        @wraps(view)
        def answer(request: HttpRequest, **arguments: str | None) -> HttpResponse:
            if request.method not in methods:
                return text(
                    f"Use {' or '.join(methods)} here.", status=405, Allow=", ".join(methods)
                )
            try:
                return view(request, **arguments)
            except BearmanError as error:
                return refusal(error)
            except DatabaseError as error:
                log.warning("database is away", path=view.__name__, error=str(error))
                return text("Bearman's database does not answer; try again shortly.", status=503)
            except Exception:
                log.exception("failed", path=view.__name__)
                return text("Bearman failed at this; its log says why.", status=500)

        return answer

    return wrap


def refusal(error: BearmanError) -> HttpResponse:
    """Return an error as a line of text, with its code in the catalogue in a header of its own."""
    answer = text(str(error), status=error.http_status)
    if error.issue:
        answer[ISSUE] = error.issue.code
    return answer


def text(words: str, *, status: int = 200, **headers: str) -> HttpResponse:
    """Return a line of text."""
    return HttpResponse(f"{words}\n", status=status, content_type=TEXT, headers=headers)


def source(request: HttpRequest) -> str:
    """Return the caller's address; behind a trusted proxy, the one that the proxy saw."""
    peer = ip_address(request.META.get("REMOTE_ADDR") or "::1")
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    return str(client_address(peer, forwarded, settings.TRUSTED_PROXIES))


def caller(
    request: HttpRequest,
    uuid: str | None,
    purposes: Collection[Purpose] = ANY_PURPOSE,
    given: str | None = None,
) -> BootCaller:
    """Return the machine behind the boot token in the header, or `given` in the address."""
    token = given or token_of(request)
    return boot_caller(token=token, uuid=uuid_of(uuid), source=source(request), purposes=purposes)


def system(request: HttpRequest, uuid: str | None) -> Baremetal:
    """Return the deployment of the system that calls, by its token and its nonce."""
    return system_caller(
        token=token_of(request),
        uuid=uuid_of(uuid),
        source=source(request),
        nonce=request.META.get(NONCE, "")[:MAX_NONCE],
    )


def uuid_of(words: str | None) -> str:
    """Return the UUID at the end of the address; raises Invalid."""
    uuid = canonical_uuid((words or "")[:100])
    if uuid is None:
        raise Invalid("The address ends in something that is not a UUID.")
    return uuid


def has_token(request: HttpRequest) -> bool:
    """Say whether the call carries a token at all."""
    return bool(request.META.get("HTTP_AUTHORIZATION"))


def token_of(request: HttpRequest) -> str:
    """Return the boot token in the header; raises Unauthenticated."""
    header: str = request.META.get("HTTP_AUTHORIZATION", "")
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("Send the boot token as `Authorization: Bearer <token>`.")
    return token.strip()
