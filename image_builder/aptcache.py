"""A proxy for apt that keeps packages: a second build fetches none of them again.

A package's file never changes under its name (Debian Policy 5.6.12), so it is kept for ever; lists
of packages are always asked for. It listens on loopback or on a build's own bridge, and only while
the build goes on.
"""

import hashlib
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import mkstemp
from urllib.parse import urlsplit

import requests

from image_builder import reasons

KEPT = re.compile(r"/[A-Za-z0-9%+._~:-]+\.u?deb")
PIECE = 256 * 1024
TIMEOUT = (15, 60)  # seconds to connect, and between two pieces
PASSED_ON = ("Content-Type", "Content-Length", "Last-Modified", "ETag", "Location")
ASKED = ("If-Modified-Since", "If-None-Match", "Range", "If-Range", "Accept", "User-Agent")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "_Server"

    def do_GET(self) -> None:
        """Answer from the cache, or from the archive."""
        if urlsplit(self.path).scheme != "http":
            self.send_error(400, "Only http")
            return
        kept = self.server.place_of(self.path)
        if kept is not None and kept.is_file():
            self._send_kept(kept)
            return
        try:
            self._fetch(kept)
        except requests.RequestException as error:
            self.server.failures.append(f"{self.path}: {reasons.of(error)}")
            self.close_connection = True
            self.send_error(504, "The archive does not answer")
        except OSError:  # the reader went away, or the disk is full
            self.close_connection = True

    def _send_kept(self, path: Path) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(path.stat().st_size))
        self.end_headers()
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                self.wfile.write(piece)

    def _fetch(self, keep: Path | None) -> None:
        headers = {name: self.headers[name] for name in ASKED if name in self.headers}
        headers["Accept-Encoding"] = "identity"
        whole = keep is not None and "Range" not in headers
        with requests.get(
            self.path, headers=headers, stream=True, timeout=TIMEOUT, allow_redirects=whole
        ) as answer:
            self.send_response(answer.status_code)
            for name in PASSED_ON:
                if name in answer.headers:
                    self.send_header(name, answer.headers[name])
            if "Content-Length" not in answer.headers and answer.status_code not in {204, 304}:
                self.send_header("Connection", "close")
                self.close_connection = True
            self.end_headers()
            if keep is not None and whole and answer.status_code == 200:
                self._copy_and_keep(answer, keep)
            else:
                for piece in answer.iter_content(PIECE):
                    self.wfile.write(piece)

    def _copy_and_keep(self, answer: requests.Response, keep: Path) -> None:
        """Keep it only if it came whole."""
        descriptor, name = mkstemp(dir=keep.parent, prefix=".part-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                for piece in answer.iter_content(PIECE):
                    file.write(piece)
                    self.wfile.write(piece)
                size = file.tell()
            if size == int(answer.headers.get("Content-Length", -1)):
                Path(name).rename(keep)
        finally:
            Path(name).unlink(missing_ok=True)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Say nothing; failures are collected."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: str, folder: Path) -> None:
        super().__init__((address, 0), _Handler)
        self.folder = folder
        self.failures: list[str] = []

    def place_of(self, url: str) -> Path | None:
        path = urlsplit(url).path
        name = path[path.rfind("/") :]
        if not KEPT.fullmatch(name):
            return None
        # Two archives may have different files under one name.
        return (
            self.folder / f"{hashlib.sha256(url.encode()).hexdigest()[:16]}{name.replace('/', '-')}"
        )

    def handle_error(self, request: object, client_address: object) -> None:
        """A reader that went away is no news."""


class Proxy:
    """The proxy as builds see it."""

    def __init__(self, server: _Server) -> None:
        self._server = server

    @property
    def url(self) -> str:
        """For apt's Acquire::http::Proxy."""
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    @property
    def failures(self) -> list[str]:
        """What could not be fetched, and why."""
        return self._server.failures


@contextmanager
def serving(address: str, folder: Path) -> Iterator[Proxy]:
    """Serve on a free port of that address, keeping packages in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    server = _Server(address, folder)
    thread = threading.Thread(target=server.serve_forever, daemon=True, name="apt cache")
    thread.start()
    try:
        yield Proxy(server)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
