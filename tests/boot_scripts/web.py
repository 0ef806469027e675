"""Bearman's web server as the boot scripts see it: what it answers is for the test to say."""

import hashlib
import re
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs

from simulator.demo.ports import free_tcp_ports

CHUNK = 65536  # bytes


@dataclass
class Answer:
    """What to answer; `length` is what Content-Length claims, None for no such header."""

    body: bytes
    status: int = 200
    length: int | None = -1
    ranges: bool = True
    breaks_after: int | None = None  # bytes of the body in each answer, before the connection ends
    pause: float = 0.0  # seconds before each CHUNK
    issue: str = ""  # for the header X-Bearman-Issue


@dataclass
class Post:
    """What was posted, and with which nonce."""

    path: str
    form: dict[str, str]
    nonce: str


@dataclass
class Web:
    """A real HTTP server on a loopback port that can be stopped and started again."""

    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)  # path, Authorization header
    ranges: list[tuple[str, str]] = field(default_factory=list)  # path, Range header
    posted: list[Post] = field(default_factory=list)
    nonces: list[tuple[str, str]] = field(default_factory=list)  # path, X-Bearman-Nonce header
    port: int = 0
    tls: ssl.SSLContext | None = None
    on_request: Callable[[str], None] | None = None
    _server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        """The address for bearman.url."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Listen; again on the port of the first time."""
        handler = type("Handler", (_Handler,), {"web": self})
        server = _Server(("127.0.0.1", self.port or free_tcp_ports(1)[0]), handler)
        if self.tls:
            server.socket = self.tls.wrap_socket(
                server.socket, server_side=True, do_handshake_on_connect=False
            )
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


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Say nothing of a client that hangs up, such as at a certificate."""


class _Handler(BaseHTTPRequestHandler):
    web: Web

    def do_GET(self) -> None:
        self.web.asked.append((self.path, self.headers.get("Authorization", "")))
        self.web.nonces.append((self.path, self.headers.get("X-Bearman-Nonce", "")))
        wanted = self.headers.get("Range", "")
        if wanted:
            self.web.ranges.append((self.path, wanted))
        self._tell_test()
        self._answer(wanted)

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(text).items()}
        self._tell_test()
        answer = self.web.answers.get(self.path)
        if answer and answer.status == 200:
            nonce = self.headers.get("X-Bearman-Nonce", "")
            self.web.posted.append(Post(self.path, form, nonce))
        self._answer("")

    def _tell_test(self) -> None:
        if self.web.on_request:
            self.web.on_request(self.path)

    def _answer(self, wanted: str) -> None:
        answer = self.web.answers.get(self.path, Answer(b"nothing here", status=404))
        status, body = answer.status, answer.body
        begin = re.fullmatch(r"bytes=(\d+)-", wanted)
        if begin and answer.ranges and status == 200:
            whole, start = len(body), int(begin[1])
            status, body = (206, body[start:]) if start < whole else (416, b"")
        self.send_response(status)
        if status == 206:
            self.send_header("Content-Range", f"bytes {start}-{whole - 1}/{whole}")
        if answer.issue:
            self.send_header("X-Bearman-Issue", answer.issue)
        if answer.length is not None:
            length = len(body) if answer.length < 0 else answer.length
            self.send_header("Content-Length", str(length))
        self.end_headers()
        with suppress(ConnectionError):  # from a client that had enough
            self._send(body[: answer.breaks_after], answer.pause)

    def _send(self, body: bytes, pause: float) -> None:
        if not pause:
            self.wfile.write(body)
            return
        for offset in range(0, len(body), CHUNK):
            time.sleep(pause)
            self.wfile.write(body[offset : offset + CHUNK])

    def log_message(self, *_: object) -> None:
        """Say nothing."""
