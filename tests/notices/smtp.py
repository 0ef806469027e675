"""A small mail server, for tests: it speaks SMTP (RFC 5321) and keeps what it gets."""

import socketserver
import threading
from email import message_from_bytes
from email.message import Message
from typing import Self


class MailServer(socketserver.ThreadingTCPServer):
    """On a free port of loopback, from `with` to its end.

    `refuse` answers a command (DATA, RCPT ...) with that line, so often; `drop_after_data` ends the
    connection once a message is in, without a word, so often.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.received: list[Message] = []
        self.recipients: list[str] = []
        self.refuse: list[tuple[str, str]] = []
        self.drop_after_data = 0

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class _Session(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._say("220 mail.example ESMTP")
        while line := self.rfile.readline(1000).decode("ascii", "replace").strip():
            verb = line.split(" ", 1)[0].upper()
            if self.server.refuse and self.server.refuse[0][0] == verb:
                self._say(self.server.refuse.pop(0)[1])
            elif verb == "DATA":
                if not self._data():
                    return
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                if verb == "RCPT":
                    self.server.recipients.append(line)
                self._say("250 ok")

    def _data(self) -> bool:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        self.server.received.append(message_from_bytes(b"".join(lines)))
        if self.server.drop_after_data:
            self.server.drop_after_data -= 1
            return False
        self._say("250 taken")
        return True

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())
