"""The HTTP server of a stand-in for Slack."""

import json
import secrets
import socket
import threading
import time
from collections import deque
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from simulator.slack.api import API_PATH, WEBHOOK_PATH, Answer, Api
from simulator.slack.page import page
from simulator.slack.store import Json, Store
from simulator.slack.trouble import Trouble

LOOPBACK = "127.0.0.1"
MAX_BODY = 4 * 1024 * 1024  # bytes
POLL_SECONDS = 0.05
TOO_MANY = Trouble(status=429, retry_after=1)
CHANNELS = ("bearman", "elsewhere")


class SlackStandIn:
    """A Slack with the channel #bearman on a port of loopback, from `with` to its end.

    `troubles` are those of the next requests, one each; `lasting` is that of all others. With
    `most_a_second` messages beyond that are answered with 429, as Slack does at one a second.
    `asked` has the path of every request that arrived.
    """

    def __init__(self, port: int = 0, *, token: str = "", most_a_second: int = 0) -> None:
        self.token = token or f"xoxb-{secrets.token_hex(12)}"
        self.store = Store(CHANNELS)
        self.troubles: deque[Trouble] = deque()
        self.lasting: Trouble | None = None
        self.most_a_second = most_a_second
        self.asked: list[str] = []
        self.ending = threading.Event()
        self._secret = f"T000000001/B000000001/{secrets.token_hex(12)}"
        self._api = Api(self.store, self.token, self._secret)
        self._recent: deque[float] = deque()
        self._lock = threading.Lock()
        self._server = _Server((LOOPBACK, port), _Handler)
        self._server.stand_in = self
        self._thread = threading.Thread(target=self._serve, name="slack", daemon=True)

    @property
    def url(self) -> str:
        """The page, and what the web API's addresses begin with."""
        return f"http://{LOOPBACK}:{self._server.server_port}"

    @property
    def api_url(self) -> str:
        """What stands before the names of the web API's methods; it ends in a slash."""
        return self.url + API_PATH

    @property
    def webhook_url(self) -> str:
        """The secret address of the incoming webhook."""
        return self.url + WEBHOOK_PATH + self._secret

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.ending.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def next_trouble(self, path: str) -> Trouble:
        """What is to happen to a request that has just arrived."""
        with self._lock:
            self.asked.append(path)
            if self.troubles:
                return self.troubles.popleft()
            if self.lasting:
                return self.lasting
            return TOO_MANY if self._is_too_many(path) else Trouble()

    def answer(self, path: str, authorization: str, sent: Json | None) -> Answer:
        """Answer a request as Slack would."""
        return self._api.answer(path, authorization, sent)

    def _is_too_many(self, path: str) -> bool:
        writes = path.startswith(WEBHOOK_PATH) or path.endswith("chat.postMessage")
        if not self.most_a_second or not writes:
            return False
        now = time.monotonic()
        while self._recent and self._recent[0] < now - 1:
            self._recent.popleft()
        if len(self._recent) >= self.most_a_second:
            return True
        self._recent.append(now)
        return False

    def _serve(self) -> None:
        self._server.serve_forever(POLL_SECONDS)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # one that hangs on request must not hold up the end
    request_queue_size = 128
    stand_in: SlackStandIn

    def handle_error(self, *_: object) -> None:
        """Say nothing: a sender that has lost patience is gone when it is answered."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60
    server: _Server

    def do_GET(self) -> None:
        """The page, or a method of the API that reads."""
        address = urlsplit(self.path)
        if address.path.startswith((API_PATH, WEBHOOK_PATH)):
            self._api(address.path, dict(parse_qsl(address.query)))
        elif address.path == "/":
            body = page(self.server.stand_in.store)
            self._send(200, body.encode(), "text/html; charset=utf-8")
        else:
            self._send(404, b"nothing is here\n", "text/plain")

    def do_POST(self) -> None:
        """A method of the API, or a webhook."""
        address = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        if not 0 <= length <= MAX_BODY:
            self.close_connection = True
            self._send(413, b"too large\n", "text/plain")
            return
        body = self.rfile.read(length)
        self._api(address.path, _read(body, self.headers.get("Content-Type", "")))

    def _api(self, path: str, sent: Json | None) -> None:
        stand_in = self.server.stand_in
        trouble = stand_in.next_trouble(path)
        if trouble.hang_s and stand_in.ending.wait(trouble.hang_s):
            self.close_connection = True
            return
        answer = Answer(trouble.status, trouble.body or "trouble")
        if trouble.keeps or not (trouble.status or trouble.drop):
            told = stand_in.answer(path, self.headers.get("Authorization", ""), sent)
            answer = answer if trouble.status else told
        if trouble.drop:
            self._hang_up()
            return
        self._tell(answer, trouble)

    def _tell(self, answer: Answer, trouble: Trouble) -> None:
        body, kind = answer.body, "text/plain; charset=utf-8"
        if answer.status == 429 and not trouble.body:
            body = {"ok": False, "error": "ratelimited"}
        if not isinstance(body, str):
            body, kind = json.dumps(body), "application/json; charset=utf-8"
        headers = {}
        if trouble.retry_after is not None:
            headers["Retry-After"] = f"{trouble.retry_after:g}"
        self._send(answer.status, body.encode(), kind, headers, cut=trouble.cut)

    def _send(
        self,
        status: int,
        body: bytes,
        kind: str,
        headers: dict[str, str] | None = None,
        *,
        cut: bool = False,
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if cut else body)
        if cut:
            self._hang_up()

    def _hang_up(self) -> None:
        self.close_connection = True
        self.wfile.flush()
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_: object) -> None:
        """Say nothing: what arrives is on the page."""


def _read(body: bytes, kind: str) -> Json | None:
    """The arguments of a request: JSON, a form, or a form with JSON in its `payload`."""
    try:
        if "json" in kind:
            return _object(json.loads(body))
        form: dict[str, Any] = dict(parse_qsl(body.decode(), keep_blank_values=True))
        if "payload" in form:
            return _object(json.loads(form["payload"]))
        for name in ("blocks", "attachments", "metadata"):
            if name in form:
                form[name] = json.loads(form[name])
    except ValueError:
        return None
    return form


def _object(value: Any) -> Json | None:
    return value if isinstance(value, dict) else None
