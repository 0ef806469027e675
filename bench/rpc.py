"""What clients do over gRPC."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from bench.clients import Operation
from bench.machine import register_requests, token_of
from protos.bearman.v1 import nodes_pb2, nodes_pb2_grpc

CALL_SECONDS = 60.0
# A connection for each client, as machines have: the server's processes share them out.
_OPTIONS = [("grpc.use_local_subchannel_pool", 1), ("grpc.enable_http_proxy", 0)]


def _channel(target: str) -> grpc.Channel:
    channel = grpc.insecure_channel(target, options=_OPTIONS)
    grpc.channel_ready_future(channel).result(CALL_SECONDS)
    return channel


@dataclass(frozen=True, slots=True)
class EmptyCall:
    """The health check: what a call costs that does nothing."""

    target: str

    def jobs(self, numbers: range) -> Sequence[Any]:
        """Return the one request, as often as it is sent."""
        return [health_pb2.HealthCheckRequest()] * len(numbers)

    def operation(self) -> Operation:
        """Return a call over a connection of its own."""
        stub = health_pb2_grpc.HealthStub(_channel(self.target))
        return lambda request: stub.Check(request, timeout=CALL_SECONDS)


@dataclass(frozen=True, slots=True)
class Registering:
    """Machines that register, each for the first time, with its whole inventory."""

    target: str

    def jobs(self, numbers: range) -> Sequence[Any]:
        """Return the requests of the machines with these numbers, and their tokens."""
        requests = register_requests(numbers)
        return [
            (request, [("authorization", f"Bearer {token_of(number)}")])
            for number, request in zip(numbers, requests, strict=True)
        ]

    def operation(self) -> Operation:
        """Return the call; it must end with an address for the BMC."""
        stub = nodes_pb2_grpc.BootServiceStub(_channel(self.target))

        def register(job: tuple[nodes_pb2.RegisterRequest, list[tuple[str, str]]]) -> None:
            request, metadata = job
            answer = stub.Register(request, metadata=metadata, timeout=CALL_SECONDS)
            if not answer.bmc.address:
                raise RuntimeError(f"{request.uuid}: {answer.reason}")

        return register
