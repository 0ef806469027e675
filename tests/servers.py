"""Real servers for tests: gRPC on a free port, and BMCs that speak IPMI."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import grpc

from grpc_server import server as door
from nodes.services.boot import boot_ask
from protos.bearman.v1 import identity_pb2_grpc, nodes_pb2_grpc, power_pb2_grpc
from protos.bearman.v1 import nodes_pb2 as pb
from tests.samples import Machine

SOURCE = "127.0.0.1"


@dataclass
class Door:
    """A running gRPC server and stubs on it."""

    port: int
    channel: grpc.Channel

    @property
    def boot(self) -> nodes_pb2_grpc.BootServiceStub:
        """The machines' service."""
        return nodes_pb2_grpc.BootServiceStub(self.channel)

    @property
    def nodes(self) -> nodes_pb2_grpc.NodeServiceStub:
        """The operators' service."""
        return nodes_pb2_grpc.NodeServiceStub(self.channel)

    @property
    def power(self) -> power_pb2_grpc.PowerServiceStub:
        """The operators' service for power."""
        return power_pb2_grpc.PowerServiceStub(self.channel)

    @property
    def identity(self) -> identity_pb2_grpc.IdentityServiceStub:
        """The operators' service for machines in quarantine."""
        return identity_pb2_grpc.IdentityServiceStub(self.channel)

    def register(self, machine: Machine, token: str | None = None) -> pb.RegisterResponse:
        """Register a machine, with a new boot token unless one is given."""
        request = pb.RegisterRequest(
            uuid=machine.uuid, inventory=machine.inventory(), address="127.0.0.1"
        )
        return self.boot.Register(request, metadata=bearer(token or boot_token(machine)))


def bearer(token: str) -> tuple[tuple[str, str | bytes], ...]:
    """The metadata that carries a token."""
    return (("authorization", f"Bearer {token}"),)


def boot_token(machine: Machine) -> str:
    """What /ipxe would give the machine now."""
    token = boot_ask(uuid=machine.uuid, source=SOURCE, mac=machine.macs[0]).token
    assert token is not None
    return token


@contextmanager
def running_door() -> Iterator[Door]:
    """A gRPC server on a free port, with a channel to it."""
    server, port = door.build("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield Door(port, channel)
    server.stop(None).wait()
