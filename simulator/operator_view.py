"""What Bearman says of its nodes and deployments, asked as an operator does."""

import time
from collections.abc import Callable, Iterator
from typing import TypeVar
from uuid import uuid4

import grpc

from protos.bearman.v1 import baremetal_pb2, baremetal_pb2_grpc, nodes_pb2, nodes_pb2_grpc
from simulator import trust
from simulator.light_calls import CHANNEL_OPTIONS

PAGE_SIZE = 1000
CALL_SECONDS = 30.0
PATIENCE_SECONDS = 60.0
PAUSE_SECONDS = 1.0

Request = TypeVar("Request")
Response = TypeVar("Response")


class OperatorError(Exception):
    """Bearman did not answer the operator's question; the words say why."""


class OperatorView:
    """Speaks gRPC to `target` (HOST:PORT) with an operator's token; all raise OperatorError.

    With certificates to trust in `ca` (PEM) over TLS.
    """

    def __init__(self, target: str, token: str, ca: bytes = b"") -> None:
        self._channel = trust.channel(target, ca, CHANNEL_OPTIONS)
        self._nodes = nodes_pb2_grpc.NodeServiceStub(self._channel)
        self._baremetals = baremetal_pb2_grpc.BaremetalServiceStub(self._channel)
        self._metadata = (("authorization", f"Bearer {token}"),)

    def nodes(self) -> dict[str, nodes_pb2.NodeSummary]:
        """All nodes by their number."""
        return {node.id: node for node in self._node_pages()}

    def node(self, name: str) -> nodes_pb2.GetNodeResponse:
        """All of one node, by its number, UUID, serial number or an address."""
        return self._call(self._nodes.GetNode, nodes_pb2.GetNodeRequest(node=name))

    def baremetals(self) -> dict[str, baremetal_pb2.Baremetal]:
        """All deployments that are no history, by the number of their node."""
        return {baremetal.node_id: baremetal for baremetal in self._baremetal_pages()}

    def deploy(self, node_id: str, profile: str, hostname: str = "") -> baremetal_pb2.Baremetal:
        """Put a profile on a node; asking again after a lost answer is safe."""
        request = baremetal_pb2.DeployRequest(
            node=node_id, profile=profile, hostname=hostname, request_id=str(uuid4())
        )
        return self._call(self._baremetals.Deploy, request).baremetal

    def redeploy(self, baremetal_id: str, profile: str = "") -> baremetal_pb2.Baremetal:
        """Put a profile on a machine that has one."""
        request = baremetal_pb2.RedeployRequest(
            baremetal=baremetal_id, profile=profile, request_id=str(uuid4())
        )
        return self._call(self._baremetals.Redeploy, request).baremetal

    def release(self, baremetal_id: str) -> baremetal_pb2.Baremetal:
        """Take a machine back."""
        request = baremetal_pb2.ReleaseRequest(baremetal=baremetal_id)
        return self._call(self._baremetals.Release, request).baremetal

    def events(self, baremetal_id: str) -> list[baremetal_pb2.BaremetalEvent]:
        """The latest events of a deployment, oldest first."""
        request = baremetal_pb2.GetBaremetalRequest(baremetal=baremetal_id)
        return list(self._call(self._baremetals.GetBaremetal, request).events)

    def close(self) -> None:
        """Close the connection."""
        self._channel.close()

    def _node_pages(self) -> Iterator[nodes_pb2.NodeSummary]:
        request = nodes_pb2.ListNodesRequest(page_size=PAGE_SIZE)
        while True:
            page = self._call(self._nodes.ListNodes, request)
            yield from page.nodes
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def _baremetal_pages(self) -> Iterator[baremetal_pb2.Baremetal]:
        request = baremetal_pb2.ListBaremetalsRequest(page_size=PAGE_SIZE)
        while True:
            page = self._call(self._baremetals.ListBaremetals, request)
            yield from page.baremetals
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def _call(self, method: Callable[..., Response], request: Request) -> Response:
        """One call; a server that is just restarting is asked again for a minute."""
        limit = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return method(request, timeout=CALL_SECONDS, metadata=self._metadata)
            except grpc.RpcError as error:
                if error.code() != grpc.StatusCode.UNAVAILABLE or time.monotonic() > limit:
                    raise OperatorError(f"{error.code().name}: {error.details()}") from error
            time.sleep(PAUSE_SECONDS)


def status_name(node: nodes_pb2.NodeSummary) -> str:
    """READY for NODE_STATUS_READY."""
    return nodes_pb2.NodeStatus.Name(node.status).removeprefix("NODE_STATUS_")


def state_name(baremetal: baremetal_pb2.Baremetal) -> str:
    """INSTALLED for BAREMETAL_STATE_INSTALLED."""
    return baremetal_pb2.BaremetalState.Name(baremetal.state).removeprefix("BAREMETAL_STATE_")
