"""The way from the programs of a simulated machine to its BMC: a UNIX socket instead of KCS."""

import socketserver
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

from simulator.ipmitool import Answer

MAX_REQUEST = 128 * 1024  # bytes; the longest is a script for `ipmitool exec`
SOCKET_SECONDS = 10.0
MAX_PATH = 107  # bytes of a socket's name: sun_path less the NUL, unix(7)

# Called with the machine's number, the program's name and its arguments; None never answers.
Handler = Callable[[int, str, Sequence[str]], Answer | None]


class KcsServer:
    """Serves all machines of a fleet. `path` is the socket, in a folder only we may enter."""

    def __init__(self, handler: Handler) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="bearman-kcs-")
        self.path = Path(self._folder.name) / "socket"
        if len(bytes(self.path)) > MAX_PATH:
            self._folder.cleanup()
            raise ValueError(f"{self.path} is too long for a socket; set TMPDIR to a shorter one")
        self._server = _Server(str(self.path), _Connection)
        self._server.handler = handler
        self._thread = threading.Thread(target=self._serve, name="kcs", daemon=True)

    def _serve(self) -> None:
        self._server.serve_forever(poll_interval=0.1)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._folder.cleanup()


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    block_on_close = False  # a frozen machine's connection stays open until the machine is killed
    request_queue_size = 128
    handler: Handler


class _Connection(socketserver.StreamRequestHandler):
    timeout = SOCKET_SECONDS
    server: _Server

    def handle(self) -> None:
        """One request: NUL-separated words; see programs/kcs_client.py."""
        request = self.rfile.read(MAX_REQUEST).decode("utf-8", "surrogateescape")
        number, program, *arguments = request.split("\0")
        answer = self.server.handler(int(number), program, arguments)
        if answer is not None:
            text = f"{answer.code}\n{answer.output}"
            self.wfile.write(text.encode("utf-8", "surrogateescape"))
