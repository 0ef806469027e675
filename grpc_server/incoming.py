"""The bytes of a stream as a file that can be read: bounded in size and in silence."""

import io
import threading
import time
from collections.abc import Iterator

import grpc

from bearman.lib.errors import Invalid, Unavailable
from bearman.lib.issues import images as issues

MAX_PIECE = 1024 * 1024  # bytes in a message
MAX_SILENCE = 60.0  # seconds between two messages
LOOK_SECONDS = 5.0


class Incoming(io.RawIOBase):
    """Exactly `size` bytes out of the pieces of a stream; reading raises Invalid for others."""

    def __init__(self, pieces: Iterator[bytes], size: int) -> None:
        super().__init__()
        self._pieces, self._size = pieces, size
        self._left = b""
        self.received = 0

    def readable(self) -> bool:
        """Return true."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return up to so many bytes, some at least until the end."""
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                self._require_all()
                return b""
            self._take(piece)
        wanted = len(self._left) if size < 0 else size
        found, self._left = self._left[:wanted], self._left[wanted:]
        return found

    def _take(self, piece: bytes) -> None:
        if len(piece) > MAX_PIECE:
            raise Invalid(f"A piece has at most {MAX_PIECE} bytes.")
        self.received += len(piece)
        if self.received > self._size:
            raise Invalid(f"There are more than the {self._size} bytes that the manifest says.")
        self._left = piece

    def _require_all(self) -> None:
        if self.received < self._size:
            raise Invalid(
                f"Only {self.received} of {self._size} bytes came.", issue=issues.UPLOAD_CUT
            )


class Watch:
    """Ends a call whose caller is silent: a stream that never ends would hold a thread."""

    def __init__(self, context: grpc.ServicerContext) -> None:
        self._context, self._heard, self._over = context, time.monotonic(), threading.Event()
        self.silent = False
        threading.Thread(target=self._look, daemon=True, name="upload watch").start()

    def pieces(self, messages: Iterator[bytes]) -> Iterator[bytes]:
        """Pass messages on; raises Unavailable where the caller fell silent or went away."""
        try:
            for message in messages:
                self._heard = time.monotonic()
                yield message
        except grpc.RpcError as error:
            raise self.gone() from error
        if not self._context.is_active():
            raise self.gone()

    def gone(self) -> Unavailable:
        """Return what to raise for a caller who does not go on."""
        return Unavailable("The upload stopped in the middle.", issue=issues.UPLOAD_CUT)

    def end(self) -> None:
        """Watch no longer."""
        self._over.set()

    def _look(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            if time.monotonic() - self._heard > MAX_SILENCE:
                self.silent = True
                self._context.cancel()
                return
