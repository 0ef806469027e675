"""Sends one file: by PUT straight into the object storage, or in pieces to Bearman itself."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import certifi
import grpc
import requests

from bearman_cli import rpc_errors
from bearman_cli.connection import Connection
from bearman_cli.retry import TryAgain, wait_before
from image_builder.errors import BuildError
from image_builder.exit_codes import ExitCode
from image_builder.progress import Progress, Transfer
from image_builder.store import Stored
from protos.bearman.v1 import images_pb2 as pb
from protos.bearman.v1 import images_pb2_grpc

ATTEMPTS = 5
PIECE = 1024 * 1024  # bytes; images.proto takes no more in a message
CONNECT, SILENCE = 15, 60  # seconds to connect, and without an answer
STREAM_PATIENCE = 6 * 3600.0  # seconds for one file; a server that vanished is noticed earlier
PASSING = {408, 429, 500, 502, 503, 504}


class _Passing(Exception):
    """Something that may go better the next time."""


def send(
    connection: Connection, key: str, target: pb.UploadTarget, stored: Stored, progress: Progress
) -> None:
    """Send the file that the target asks for, with attempts that begin anew."""
    path = stored.path(target.kind)
    with progress.transfer(path.name, path.stat().st_size) as transfer:

        def attempt() -> None:
            if target.url:
                _put(target, path, transfer, os.environ.get("BEARMAN_CA", ""))
            else:
                _stream(connection, key, target.kind, path, transfer)

        _repeat(attempt, transfer, path.name, progress)


def _repeat(attempt: Callable[[], None], transfer: Transfer, name: str, progress: Progress) -> None:
    for number in range(1, ATTEMPTS + 1):
        transfer.restart()
        try:
            attempt()
            return
        except _Passing as error:
            if number == ATTEMPTS:
                raise BuildError(
                    ExitCode.UNREACHABLE,
                    f"{name} could not be uploaded in {ATTEMPTS} attempts: {error}.",
                    "Nothing was made known. Publish again when the storage answers: only what "
                    "is missing is uploaded.",
                ) from None
            pause = wait_before(number + 1)
            progress.note(f"{name}: {error}. Attempt {number + 1} in {pause:.1f} s.")
            time.sleep(pause)


class _Body:
    """A file that counts what is read of it; requests takes its length from `len`."""

    def __init__(self, path: Path, transfer: Transfer) -> None:
        self._file, self._transfer = path.open("rb"), transfer
        self.len = path.stat().st_size

    def read(self, size: int = -1) -> bytes:
        """The next bytes, in pieces that are worth a system call."""
        data = self._file.read(max(size, PIECE) if size > 0 else size)
        self._transfer.add(len(data))
        return data

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _put(target: pb.UploadTarget, path: Path, transfer: Transfer, ca: str) -> None:
    body = _Body(path, transfer)
    try:
        with trusting(ca) as roots:
            answer = requests.put(
                target.url,
                data=body,
                headers={**target.headers, "Content-Length": str(body.len)},
                timeout=(CONNECT, SILENCE),
                verify=roots,
                allow_redirects=False,
            )
    except OSError as error:  # as all errors of requests are
        raise _connection_error(target.url, error) from None
    finally:
        body.close()
    if answer.status_code not in {200, 201, 204}:
        raise _refusal(target.url, path.name, answer)


def _connection_error(url: str, error: Exception) -> Exception:
    host = urlsplit(url).netloc
    if isinstance(error, requests.exceptions.SSLError):
        return BuildError(
            ExitCode.DENIED,
            f"The certificate of the storage at {host} is not trusted.",
            "Set BEARMAN_CA to the CA that signed it.",
        )
    # Never the whole address: it is half a secret.
    return _Passing(f"the storage at {host} broke off ({type(error).__name__})")


def _refusal(url: str, name: str, answer: requests.Response) -> Exception:
    host, status = urlsplit(url).netloc, answer.status_code
    if status in PASSING:
        return _Passing(f"the storage at {host} answered {status}")
    if status in {413, 507}:
        return BuildError(
            ExitCode.NO_SPACE,
            f"The storage at {host} takes no more: it answered {status} to {name}.",
            "Raise its quota or free some space, then publish again.",
        )
    if status in {401, 403}:
        return BuildError(
            ExitCode.DENIED,
            f"The storage at {host} answered {status} to {name}.",
            "Check Bearman's S3 keys, the bucket's policy (`bearman storage_check` on the server), "
            "and that the clocks agree.",
        )
    return BuildError(ExitCode.REFUSED, f"The storage at {host} answered {status} to {name}.")


class trusting:  # noqa: N801 - reads as a function
    """The file of roots to trust: those that are always trusted, and the CA that was given."""

    def __init__(self, ca: str) -> None:
        self._ca, self._file = ca, ""

    def __enter__(self) -> str | bool:
        if not self._ca:
            return True
        roots = Path(os.environ.get("REQUESTS_CA_BUNDLE") or certifi.where()).read_bytes()
        descriptor, self._file = tempfile.mkstemp(suffix=".pem")
        with os.fdopen(descriptor, "wb") as file:
            file.write(roots + b"\n" + Path(self._ca).read_bytes())
        return self._file

    def __exit__(self, *_: object) -> None:
        if self._file:
            Path(self._file).unlink(missing_ok=True)


def _stream(connection: Connection, key: str, kind: str, path: Path, transfer: Transfer) -> None:
    with connection.open() as channel:
        try:
            images_pb2_grpc.ImageServiceStub(channel).UploadImageFile(
                _pieces(key, kind, path, transfer),
                timeout=STREAM_PATIENCE,
                metadata=connection.metadata,
            )
        except grpc.RpcError as error:
            found = rpc_errors.translate(error, connection.endpoint)
            if isinstance(found, TryAgain):
                raise _Passing(found.error.message.rstrip(".")) from None
            raise found from None


def _pieces(
    key: str, kind: str, path: Path, transfer: Transfer
) -> Iterator[pb.UploadImageFileRequest]:
    yield pb.UploadImageFileRequest(upload=key, kind=kind)
    with path.open("rb") as file:
        while data := file.read(PIECE):
            transfer.add(len(data))
            yield pb.UploadImageFileRequest(data=data)
