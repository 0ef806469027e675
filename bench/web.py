"""What clients do over HTTP: plain sockets, so that the client is no part of what is measured."""

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bench.clients import Operation
from bench.machine import uuid_of

TIMEOUT_SECONDS = 60.0
PIECE = 65536
MAX_HEAD = 65536


class Answer:
    """One HTTP/1.1 answer with a Content-Length (RFC 9112 section 6.2)."""

    def __init__(self, connection: socket.socket) -> None:
        """Read it from the connection; raises RuntimeError for what is not such an answer."""
        data = connection.recv(PIECE)
        while b"\r\n\r\n" not in data:
            piece = connection.recv(PIECE)
            if not piece or len(data) > MAX_HEAD:
                raise RuntimeError(f"No HTTP answer: {data[:100]!r}")
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        length = _length(head)
        while len(body) < length:
            piece = connection.recv(PIECE)
            if not piece:
                raise RuntimeError(f"{len(body)} of {length} bytes came.")
            body += piece
        self.status = int(head.split(b" ", 2)[1])
        self.head = head
        self.body = body


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise RuntimeError("The answer does not say how long it is.")


def request_for(bind: str, path: str, *, cookie: str = "", keep: bool = True) -> bytes:
    """Return the bytes of a GET."""
    lines = [f"GET {path} HTTP/1.1", f"Host: {bind}", "User-Agent: iPXE/1.21.1"]
    lines += [f"Cookie: {cookie}"] if cookie else []
    lines += [] if keep else ["Connection: close"]
    return "\r\n".join([*lines, "", ""]).encode()


def connect(bind: str) -> socket.socket:
    """Return a connection to HOST:PORT."""
    host, _, port = bind.rpartition(":")
    connection = socket.create_connection((host, int(port)), timeout=TIMEOUT_SECONDS)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


@dataclass(frozen=True, slots=True)
class Getting:
    """GETs of one path, or of /ipxe for one machine after the other where `path` is empty.

    Over a connection that is kept, or over a new one each time, as iPXE does it. `words` must be
    in each answer.
    """

    bind: str
    path: str
    words: bytes
    keep: bool = True
    cookie: str = ""

    def jobs(self, numbers: range) -> Sequence[Any]:
        """Return the requests, as bytes."""
        paths = (self.path or f"/ipxe/{uuid_of(number)}" for number in numbers)
        return [request_for(self.bind, path, cookie=self.cookie, keep=self.keep) for path in paths]

    def operation(self) -> Operation:
        """Return the exchange of a request and its answer."""
        return self._kept() if self.keep else self._once

    def _kept(self) -> Callable[[bytes], None]:
        connection = connect(self.bind)
        return lambda request: self._exchange(connection, request)

    def _once(self, request: bytes) -> None:
        with connect(self.bind) as connection:
            self._exchange(connection, request)

    def _exchange(self, connection: socket.socket, request: bytes) -> None:
        connection.sendall(request)
        answer = Answer(connection)
        if answer.status != 200 or self.words not in answer.body:
            raise RuntimeError(f"{answer.status}: {answer.body[:200]!r}")
