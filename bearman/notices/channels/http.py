"""One request to a server that may misbehave; no Django here.

No words of an error hold the address: that of a webhook is its password.
"""

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import requests
from urllib3.exceptions import NewConnectionError

from bearman.notices.channels.base import NotSent

MAX_BODY = 4 * 1024 * 1024  # octets; a page of 200 messages of a channel has less
MAX_WAIT = 3600.0  # seconds: no server may ask for a longer pause

# What fails before the request is out.
_BEFORE: dict[type[Exception], str] = {
    requests.ConnectTimeout: "No connection within {seconds:g} s.",
    requests.exceptions.SSLError: "The server's TLS certificate is not trusted, or TLS failed.",
    requests.exceptions.ProxyError: "The HTTP proxy does not let the request through.",
    requests.exceptions.InvalidURL: "The address is no URL.",
    requests.exceptions.MissingSchema: "The address is no URL.",
    requests.exceptions.InvalidSchema: "The address is no URL.",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said; `whole` is false where the body was cut off."""

    status: int
    body: bytes
    whole: bool
    retry_after: float | None


def post(
    url: str, *, json: Any = None, data: Any = None, headers: Mapping[str, str], seconds: float
) -> Answer:
    """Send a POST, and return the answer of whatever status; raises NotSent where none came.

    Each wait ends after `seconds`, all of the body after twice as long.
    """
    try:
        with requests.post(
            url,
            json=json,
            data=data,
            headers={"User-Agent": "Bearman", **headers},
            timeout=(seconds, seconds),
            stream=True,
            allow_redirects=False,
        ) as response:
            body, whole = _body(response, time.monotonic() + 2 * seconds)
            return Answer(response.status_code, body, whole, _retry_after(response))
    except requests.RequestException as error:
        raise _not_sent(error, seconds) from None  # its text has the address


def _body(response: requests.Response, until: float) -> tuple[bytes, bool]:
    body = bytearray()
    try:
        for piece in response.iter_content(64 * 1024):
            body += piece
            if len(body) > MAX_BODY or time.monotonic() > until:
                return bytes(body[:MAX_BODY]), False
    except requests.RequestException:
        return bytes(body), False
    return bytes(body), True


def _retry_after(response: requests.Response) -> float | None:
    """Return the seconds of Retry-After (RFC 9110 section 10.2.3); a date is not understood."""
    with suppress(ValueError):
        seconds = float(response.headers.get("Retry-After", ""))
        if seconds >= 0:
            return min(seconds, MAX_WAIT)
    return None


def _not_sent(error: requests.RequestException, seconds: float) -> NotSent:
    """Return what went wrong; unsure unless the request cannot have reached the server."""
    if isinstance(error, requests.ConnectionError) and _refused(error):
        return NotSent("The connection is refused, or the name is unknown.")
    for kind, words in _BEFORE.items():
        if isinstance(error, kind):
            return NotSent(words.format(seconds=seconds))
    if isinstance(error, requests.Timeout):
        return NotSent(f"No answer within {seconds:g} s.", unsure=True)
    return NotSent("The connection ended without an answer.", unsure=True)


def _refused(error: requests.ConnectionError) -> bool:
    cause = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(cause, NewConnectionError)
