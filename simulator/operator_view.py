"""What Bearman says of its nodes, asked as an operator does."""

import time
from collections.abc import Iterator

import grpc

from protos.bearman.v1 import nodes_pb2, nodes_pb2_grpc
from simulator.light_calls import CHANNEL_OPTIONS

PAGE_SIZE = 1000
PATIENCE_SECONDS = 60.0
PAUSE_SECONDS = 1.0
PREFIX = "NODE_STATUS_"


class OperatorError(Exception):
    """Bearman did not answer the operator's question; the words say why."""


class OperatorView:
    """Lists nodes over gRPC at `target` (HOST:PORT) with an operator's token."""

    def __init__(self, target: str, token: str) -> None:
        self._channel = grpc.insecure_channel(target, options=CHANNEL_OPTIONS)
        self._stub = nodes_pb2_grpc.NodeServiceStub(self._channel)
        self._metadata = (("authorization", f"Bearer {token}"),)

    def nodes(self) -> dict[str, nodes_pb2.NodeSummary]:
        """All nodes by their number; raises OperatorError."""
        try:
            return {node.id: node for node in self._pages()}
        except grpc.RpcError as error:
            raise OperatorError(f"{error.code().name}: {error.details()}") from error

    def close(self) -> None:
        """Close the connection."""
        self._channel.close()

    def _pages(self) -> Iterator[nodes_pb2.NodeSummary]:
        request = nodes_pb2.ListNodesRequest(page_size=PAGE_SIZE)
        while True:
            page = self._list(request)
            yield from page.nodes
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def _list(self, request: nodes_pb2.ListNodesRequest) -> nodes_pb2.ListNodesResponse:
        """One page; a server that is just restarting is asked again for a minute."""
        limit = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return self._stub.ListNodes(request, timeout=30.0, metadata=self._metadata)
            except grpc.RpcError as error:
                if error.code() != grpc.StatusCode.UNAVAILABLE or time.monotonic() > limit:
                    raise
            time.sleep(PAUSE_SECONDS)


def status_name(node: nodes_pb2.NodeSummary) -> str:
    """READY for NODE_STATUS_READY."""
    return nodes_pb2.NodeStatus.Name(node.status).removeprefix(PREFIX)
