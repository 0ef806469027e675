"""What the dialogs of deployments are asked about, and how they tell what came of it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest

MOST_AT_ONCE = 100  # nodes or deployments in one dialog; each is checked while the page waits
ENOUGH_SECONDS = 8.0  # work in one request; checkers take up to a second a node
MOST_NAMED = 10  # host names in the message that it is done


def keys_of(request: HttpRequest, name: str) -> list[int]:
    """Return the numbers under this name in the address, each once, in their order."""
    found = (_number(text) for text in request.GET.getlist(name)[: MOST_AT_ONCE + 1])
    return list(dict.fromkeys(key for key in found if key is not None))


def chosen_of(request: HttpRequest, name: str) -> set[int]:
    """Return the numbers under this name in what was posted."""
    found = (_number(text) for text in request.POST.getlist(name)[: MOST_AT_ONCE + 1])
    return {key for key in found if key is not None}


def too_many(request: HttpRequest, keys: list[int], things: str) -> bool:
    """Say whether there are more than one dialog takes, and tell the operator."""
    if len(keys) > MOST_AT_ONCE:
        messages.error(request, f"Select at most {MOST_AT_ONCE} {things} at once.")
        return True
    return False


def request_id_of(request: HttpRequest, key: int) -> UUID:
    """Return the name of the request for a row: pressing the button twice is one request."""
    try:
        return UUID(request.POST.get(f"request-{key}", ""))
    except ValueError:
        return uuid4()


def named(things: Iterable[object]) -> str:
    """Return names for a message."""
    words = [str(thing) for thing in things]
    more = len(words) - MOST_NAMED
    return ", ".join(words[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


class Patience:
    """Says when a request has worked long enough, and the rest is for the next one."""

    def __init__(self) -> None:
        self._begun: float | None = None

    def is_over(self) -> bool:
        """Say whether it is time to answer; never before the first piece of work."""
        now = time.monotonic()
        if self._begun is None:
            self._begun = now
            return False
        return now - self._begun > ENOUGH_SECONDS


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
