"""gRPC as light machines speak it: shared connections, and patience with a server that is away."""

import itertools
import random
import threading
import time
from collections.abc import Callable
from typing import TypeVar

import grpc

from protos.bearman.v1 import firmware_pb2_grpc, nodes_pb2_grpc, wiring_pb2_grpc
from simulator import trust
from simulator.firmware import PowerLostError

Request = TypeVar("Request")
Response = TypeVar("Response")

CALL_SECONDS = 60.0
PATIENCE_SECONDS = 300.0  # for a Bearman that is away, as bearman-cli has it
PAUSE_SECONDS = (0.5, 3.0)
PASSING = (
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.ABORTED,  # another operation is under way on this BMC
)
CHANNELS = 8  # connections of a fleet: the server's processes share them out among themselves
CHANNEL_OPTIONS = (
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.enable_http_proxy", 0),
    ("grpc.max_reconnect_backoff_ms", 2000),
)


class Stub:
    """All that machines call, on one connection."""

    def __init__(self, channel: grpc.Channel) -> None:
        self.boot = nodes_pb2_grpc.BootServiceStub(channel)
        self.wiring = wiring_pb2_grpc.WiringServiceStub(channel)
        self.firmware = firmware_pb2_grpc.FirmwareServiceStub(channel)


class Channels:
    """The connections of a fleet to its Bearman, opened when they are first needed."""

    def __init__(self, ca: bytes = b"") -> None:
        self._ca = ca
        self._channels: dict[tuple[str, int], grpc.Channel] = {}
        self._numbers = itertools.count()
        self._lock = threading.Lock()

    def stub(self, target: str) -> "Stub":
        """A stub on the next connection in turn."""
        with self._lock:
            key = (target, next(self._numbers) % CHANNELS)
            if key not in self._channels:
                self._channels[key] = trust.channel(target, self._ca, CHANNEL_OPTIONS)
            return Stub(self._channels[key])

    def close(self) -> None:
        """Close all connections; calls that are under way end with an error."""
        with self._lock:
            for channel in self._channels.values():
                channel.close()
            self._channels.clear()


class Calls:
    """The calls of one boot, with its token; `cut` is set when the power goes."""

    def __init__(self, stub: Stub, token: str, cut: threading.Event) -> None:
        self.stub = stub
        self._metadata = (("authorization", f"Bearer {token}"),)
        self._cut = cut

    def call(self, method: Callable[..., Response], request: Request) -> Response:
        """One call, again while Bearman is away; raises grpc.RpcError or PowerLostError."""
        limit = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return method(request, timeout=CALL_SECONDS, metadata=self._metadata)
            except grpc.RpcError as error:
                if error.code() not in PASSING or time.monotonic() > limit:
                    raise
            self.pause()

    def pause(self) -> None:
        """Wait a little before the same is asked again; raises PowerLostError."""
        if self._cut.wait(random.uniform(*PAUSE_SECONDS)):
            raise PowerLostError


def failure(error: grpc.RpcError) -> str:
    """A call that failed, in words."""
    return f"{error.code().name}: {error.details()}"
