"""Bearman's web server as the boot scripts see it: what it answers is for the test to say."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass
class Answer:
    """What to answer; `length` is what Content-Length claims, None for no such header."""

    body: bytes
    status: int = 200
    length: int | None = -1


@dataclass
class Web:
    """A real HTTP server on a loopback port that can be stopped and started again."""

    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)  # path, Authorization header
    port: int = 0
    on_request: Callable[[str], None] | None = None
    _server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        """The address for bearman.url."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Listen; again on the port of the first time."""
        server = ThreadingHTTPServer(("127.0.0.1", self.port), _handler(self))
        self._server, self.port = server, server.server_address[1]
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()

    def stop(self) -> None:
        """Go away: connections are refused from now on."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def publish(self, uuid: str, name: str, body: bytes, checksum: str = "") -> None:
        """Make `body` the script that is due for a machine, with its right or a given SHA-256."""
        checksum = checksum or hashlib.sha256(body).hexdigest()
        self.answers[f"/scripts/{name}"] = Answer(body)
        due = f"{name} {checksum} {self.url}/scripts/{name}\n"
        self.answers[f"/autorun/{uuid}"] = Answer(due.encode())


def _handler(web: Web) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            web.asked.append((self.path, self.headers.get("Authorization", "")))
            if web.on_request:
                web.on_request(self.path)
            answer = web.answers.get(self.path, Answer(b"nothing here", status=404))
            self.send_response(answer.status)
            if answer.length is not None:
                length = len(answer.body) if answer.length < 0 else answer.length
                self.send_header("Content-Length", str(length))
            self.end_headers()
            with suppress(ConnectionError):  # from a client that had enough
                self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
