"""What clients do over gRPC."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from bench.clients import Operation
from bench.machine import register_requests, token_of
from protos.bearman.v1 import nodes_pb2
from protos.ipman.v1 import ipman_pb2

CALL_SECONDS = 60.0
# A connection for each client, as machines have: the server's processes share them out.
_OPTIONS = [("grpc.use_local_subchannel_pool", 1), ("grpc.enable_http_proxy", 0)]
Metadata = tuple[tuple[str, str | bytes], ...]


def bearer(token: str) -> Metadata:
    """Return the metadata that carries a token."""
    return (("authorization", f"Bearer {token}"),)


def channel(target: str) -> grpc.Channel:
    """Return a connection of its own."""
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
        stub = health_pb2_grpc.HealthStub(channel(self.target))
        return lambda request: stub.Check(request, timeout=CALL_SECONDS)


@dataclass(frozen=True, slots=True)
class Registering:
    """Machines that register, each for the first time, with its whole inventory."""

    target: str

    def jobs(self, numbers: range) -> Sequence[Any]:
        """Return the requests of the machines with these numbers, and their tokens."""
        requests = register_requests(numbers)
        return [
            (request.SerializeToString(), bearer(token_of(number)))
            for number, request in zip(numbers, requests, strict=True)
        ]

    def operation(self) -> Operation:
        """Return the call; it must end with an address for the BMC."""
        call: Any = channel(self.target).unary_unary(
            "/bearman.v1.BootService/Register",
            response_deserializer=nodes_pb2.RegisterResponse.FromString,
        )

        def register(job: tuple[bytes, Metadata]) -> None:
            request, metadata = job
            answer = call(request, metadata=metadata, timeout=CALL_SECONDS)
            if not answer.bmc.address:
                raise RuntimeError(f"{answer.status}: {answer.reason}")

        return register


@dataclass(frozen=True, slots=True)
class AllocatingRemotely:
    """Owners who ask for their first address, over gRPC with an operator's token."""

    target: str
    token: str
    zone: str

    def jobs(self, numbers: range) -> Sequence[Any]:
        """Return the requests, each of another owner."""
        purpose = ipman_pb2.PURPOSE_IPMI
        requests = (
            ipman_pb2.AllocateRequest(zone=self.zone, purpose=purpose, owner=f"bench:{number}")
            for number in numbers
        )
        return [request.SerializeToString() for request in requests]

    def operation(self) -> Operation:
        """Return the call; each must make an allocation."""
        call: Any = channel(self.target).unary_unary(
            "/ipman.v1.IpmanService/Allocate",
            response_deserializer=ipman_pb2.AllocateResponse.FromString,
        )
        metadata = bearer(self.token)

        def allocate(request: bytes) -> None:
            answer = call(request, metadata=metadata, timeout=CALL_SECONDS)
            if not answer.created:
                raise RuntimeError(f"{answer.address.owner} had {answer.address.address} already.")

        return allocate
