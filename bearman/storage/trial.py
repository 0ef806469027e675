"""Trying all that Bearman and its machines need of the storage."""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO

import requests
from django.conf import settings

from bearman.lib.errors import BearmanError, Unavailable
from bearman.storage.store import Store

FOLDER = "storage-check"  # below what machines fetch; no image and no script is named so
_LOOK = {
    403: "The server does not let machines read it: `bearman storage_prepare` sets who may read "
    "what; see BEARMAN_S3_URLS too.",
    404: "See that BEARMAN_FILES_URL, or BEARMAN_S3_PUBLIC_ENDPOINT, leads to this storage.",
}
_NO_ANSWER = (
    "See that the address is right as machines see it (BEARMAN_FILES_URL, "
    "BEARMAN_S3_PUBLIC_ENDPOINT), and that what serves it runs: for the data folder that is "
    "`bearman files`, which `bearman up` starts."
)


@dataclass(frozen=True, slots=True)
class Tried:
    """One thing that was tried: how long it took, and what is wrong, or nothing."""

    what: str
    seconds: float
    problem: str = ""


class Trial:
    """A file of random bytes, on its way through a storage and back."""

    def __init__(self, store: Store, *, size: int, public: str, incoming: str) -> None:
        self._store = store
        self._bytes = secrets.token_bytes(size)
        name = secrets.token_hex(8)
        self._path = f"{public}{FOLDER}/{name}"
        self._draft = f"{incoming}{FOLDER}-{name}"
        self._http = requests.Session()
        self._http.trust_env = False  # machines have no proxy
        self._http.verify = settings.S3_CA or True

    def run(self) -> Iterator[Tried]:
        """Try all, one after the other, and remove what was stored; ends at what all else needs."""
        mib = len(self._bytes) / 2**20
        try:
            for what, act, all_need_it in self._steps():
                begun = time.monotonic()
                problem = _problem(act)
                yield Tried(what.format(f"{mib:g} MiB"), time.monotonic() - begun, problem)
                if problem and all_need_it:
                    return
        finally:
            for path in (self._path, self._draft):
                with suppress(BearmanError):
                    self._store.delete(path)

    def _steps(self) -> Iterator[tuple[str, Callable[[], None], bool]]:
        signed = "?" in self._store.url(self._path)
        yield "store {}", self._write, True
        yield "read {} back", self._read, True
        yield "fetch {} as machines do", self._fetch, False
        yield "resume a download in the middle", self._resume, False
        if signed:
            yield "refuse a download without a signature", self._stay_closed, False
        if self._store.put_url(self._draft, len(self._bytes)):
            yield "upload {} as builders of images do", self._put, True
            yield "refuse uploads to be read before they are verified", self._stay_private, False
            yield "refuse an upload of another size", self._put_more, False
        else:
            yield "store {} for a move", self._write_draft, True
        yield "give it its final name", self._move, True
        yield "delete it", self._delete, False

    def _write(self) -> None:
        self._store.write(self._path, BytesIO(self._bytes))

    def _read(self) -> None:
        if b"".join(self._store.pieces(self._path)) != self._bytes:
            raise Unavailable("What came back is not what was stored.")

    def _fetch(self) -> None:
        _same(self._get(), 200, self._bytes)

    def _resume(self) -> None:
        half = len(self._bytes) // 2
        answer = self._get(Range=f"bytes={half}-")
        if answer.status_code == 200:
            raise Unavailable(
                "The server sends the whole file where the rest of it is asked for.",
                advice="Machines then begin anew whenever a connection breaks off.",
            )
        _same(answer, 206, self._bytes[half:])

    def _stay_closed(self) -> None:
        plain = self._store.url(self._path).partition("?")[0]
        if self._ask("GET", plain).status_code == 200:
            raise Unavailable(
                "Everybody may read without one, although BEARMAN_S3_URLS is signed.",
                advice="`bearman storage_prepare` takes that back.",
            )

    def _put(self) -> None:
        answer = self._ask("PUT", self._put_url(), self._bytes)
        if answer.status_code != 200:
            raise Unavailable(f"The server answers {answer.status_code}.", advice=_look(answer))
        if self._store.size(self._draft) != len(self._bytes):
            raise Unavailable("What was uploaded is not in the storage.", advice=_LOOK[404])

    def _put_more(self) -> None:
        if self._ask("PUT", self._put_url(), self._bytes + b"more").status_code == 200:
            raise Unavailable("The server takes more bytes than the signature is for.")

    def _stay_private(self) -> None:
        plain = self._put_url().partition("?")[0]
        if self._ask("GET", plain).status_code == 200:
            raise Unavailable(
                "Everybody may read what nobody has verified yet.",
                advice="Take the bucket's public access away; `bearman storage_prepare` then lets "
                "all read what machines fetch, and no more.",
            )

    def _write_draft(self) -> None:
        self._store.write(self._draft, BytesIO(self._bytes))

    def _move(self) -> None:
        self._store.delete(self._path)
        self._store.move(self._draft, self._path)
        self._read()
        if self._store.size(self._draft) is not None:
            raise Unavailable("It still lies under its first name too.")

    def _delete(self) -> None:
        self._store.delete(self._path)
        if self._store.size(self._path) is not None:
            raise Unavailable("It is still there.")

    def _put_url(self) -> str:
        return self._store.put_url(self._draft, len(self._bytes)) or ""

    def _get(self, **headers: str) -> requests.Response:
        return self._ask("GET", self._store.url(self._path), headers=headers)

    def _ask(
        self, method: str, url: str, data: bytes = b"", headers: dict[str, str] | None = None
    ) -> requests.Response:
        limit = (settings.S3_CONNECT_SECONDS, settings.S3_READ_SECONDS)
        try:
            return self._http.request(method, url, data=data, headers=headers, timeout=limit)
        except requests.exceptions.SSLError as error:
            raise Unavailable(
                f"The certificate of {_host(url)} cannot be verified.",
                advice="Set BEARMAN_S3_CA; machines verify it with the CA in their image.",
            ) from error
        except requests.RequestException as error:
            raise Unavailable(f"{_host(url)} does not answer.", advice=_NO_ANSWER) from error


def _problem(act: Callable[[], None]) -> str:
    try:
        act()
    except BearmanError as error:
        return str(error)
    return ""


def _same(answer: requests.Response, status: int, wanted: bytes) -> None:
    if answer.status_code != status:
        raise Unavailable(
            f"{_host(answer.url)} answers {answer.status_code}.", advice=_look(answer)
        )
    if answer.content != wanted:
        raise Unavailable(f"{_host(answer.url)} gives another file.", advice=_LOOK[404])


def _look(answer: requests.Response) -> str:
    return _LOOK.get(answer.status_code, "Look at the log of that server.")


def _host(url: str) -> str:
    """Return scheme and host: the rest may have a signature, which is half a secret."""
    return "/".join(url.split("/", 3)[:3])
