"""Bearman's HTTP door, as programs on a machine use it that are no shell scripts."""

import http.client
import random
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

from simulator import trust
from simulator.firmware import PowerLostError
from simulator.seed import Seed

CALL_SECONDS = 30.0
PATIENCE_SECONDS = 300.0  # for a Bearman that is away, as the scripts have it
PAUSE_SECONDS = (0.5, 3.0)
MAX_ANSWER = 4 * 1024 * 1024  # bytes
AWAY = frozenset({408, 429})  # and 5xx


class DoorError(Exception):
    """Bearman refuses, in its own words, or did not answer for a long time; 0 is no status."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(f"{status}: {words}" if status else words)
        self.status = status


class Door:
    """The door for one boot of one machine; `cut` is set when its power goes."""

    def __init__(
        self,
        url: str,
        uuid: str,
        token: str,
        cut: threading.Event,
        *,
        nonce: str = "",
        ca: bytes = b"",
    ) -> None:
        self._opener = trust.opener(ca)
        self._url, self._uuid, self._cut = url, uuid, cut
        self._headers = {"Authorization": f"Bearer {token}"}
        if nonce:
            self._headers["X-Bearman-Nonce"] = nonce

    def get(self, path: str) -> bytes:
        """GET /PATH/UUID, or a whole address; raises DoorError or PowerLostError."""
        return self._ask(urllib.request.Request(self._address(path), headers=self._headers))

    def post(self, path: str, **form: str) -> bytes:
        """POST /PATH/UUID with these form fields; raises DoorError or PowerLostError."""
        body = urllib.parse.urlencode(form).encode()
        return self._ask(
            urllib.request.Request(self._address(path), data=body, headers=self._headers)
        )

    def _address(self, path: str) -> str:
        return path if "://" in path else f"{self._url}/{path}/{self._uuid}"

    def _ask(self, request: urllib.request.Request) -> bytes:
        limit = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return self._once(request)
            except DoorError as error:
                known = error.status and error.status not in AWAY and error.status < 500
                if known or time.monotonic() > limit:
                    raise
            if self._cut.wait(random.uniform(*PAUSE_SECONDS)):
                raise PowerLostError

    def _once(self, request: urllib.request.Request) -> bytes:
        try:
            with self._opener.open(request, timeout=CALL_SECONDS) as answer:
                return bytes(answer.read(MAX_ANSWER))
        except urllib.error.HTTPError as error:
            with error:
                words = error.read(1000).decode("utf-8", "replace").strip()
            raise DoorError(error.code, words) from error
        except (OSError, http.client.HTTPException) as error:
            raise DoorError(0, str(error)) from error


def door_of(seed: Seed, cut: threading.Event, ca: bytes = b"") -> Door:
    """The door for the system that this seed is for."""
    return Door(seed.url, seed.uuid, seed.token, cut, nonce=seed.nonce, ca=ca)
