"""The machines' way in, before everything that is meant for people."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import resolve

DOORS = frozenset({"ipxe", "autorun", "healthz", "readyz"})


class MachineDoor:
    """Answers machines at once: no sessions, no cookies, no check of the host name they used.

    Firmware speaks plain HTTP/1.0 to whatever address DHCP gave it, cannot read HTML, and comes
    by the thousand. Browsers' protections (host, CSRF, HTTPS) guard nothing here: these pages
    have no cookies and change nothing for whoever is logged in.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a machine's request, or pass on what is none."""
        path = request.path_info.lstrip("/")
        if path.partition("/")[0] not in DOORS:
            return self._next(request)
        door = resolve(f"/{path}")
        answer: HttpResponse = door.func(request, *door.args, **door.kwargs)
        answer.headers["Content-Length"] = str(len(answer.content))
        return answer
