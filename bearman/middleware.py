"""The machines' way in, before everything that is meant for people."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

DOORS = frozenset(
    {
        *("ipxe", "autorun", "seed", "profile", "detail", "installed", "report"),
        *("preseed", "kickstart", "autoinstall", "cloud-init"),
        *("healthz", "readyz"),
    }
)


class MachineDoor:
    """Answers machines at once: no sessions, no cookies, no check of the host name they used.

    Firmware speaks plain HTTP/1.0 to whatever address DHCP gave it, cannot read HTML, and comes
    by the thousand. Browsers' protections (host, CSRF, HTTPS) guard nothing here: these pages
    have no cookies, and a form that comes here needs a boot token.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a machine's request, or pass on what is none."""
        path = request.path_info.lstrip("/")
        if path.partition("/")[0] not in DOORS:
            return self._next(request)
        try:
            door = resolve(f"/{path}")
        except Resolver404:
            return HttpResponse("There is nothing here.\n", status=404, content_type="text/plain")
        answer: HttpResponse = door.func(request, *door.args, **door.kwargs)
        answer.headers["Content-Length"] = str(len(answer.content))
        return answer
