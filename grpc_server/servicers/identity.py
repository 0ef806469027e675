"""bearman.v1.IdentityService: who machines in quarantine are, for operators."""

import grpc

from bearman.lib.errors import Conflict
from grpc_server import messages
from grpc_server.caller import operator
from grpc_server.paging import DEFAULT_PAGE, MAX_PAGE, page_token
from nodes.models import Node
from nodes.selectors import MAX_QUERY, node_find, nodes_quarantined
from nodes.services.candidates import Candidate, candidates_of
from nodes.services.desk import node_merge, node_own, node_reject, node_undecide
from nodes.states import NodeStatus
from protos.bearman.v1 import identity_pb2 as pb
from protos.bearman.v1 import identity_pb2_grpc, nodes_pb2

VIEW, CHANGE = "nodes.view_node", "nodes.change_node"
MAX_NOTE = 500  # characters kept


class IdentityServicer(identity_pb2_grpc.IdentityServiceServicer):
    """Each method is documented in protos/bearman/v1/identity.proto."""

    def ListQuarantined(
        self, request: pb.ListQuarantinedRequest, context: grpc.ServicerContext
    ) -> pb.ListQuarantinedResponse:
        """List who waits; the page token is the id of the last row."""
        operator(context, VIEW)
        size = min(request.page_size or DEFAULT_PAGE, MAX_PAGE)
        after = page_token(request.page_token)
        nodes = nodes_quarantined(after_id=after or 0, limit=size + 1)
        more = str(nodes[size - 1].pk) if len(nodes) > size else ""
        found = candidates_of(nodes=nodes[:size])
        rows = [_waiting(node, found[node.pk][:1]) for node in nodes[:size]]
        return pb.ListQuarantinedResponse(nodes=rows, next_page_token=more)

    def GetQuarantined(
        self, request: pb.GetQuarantinedRequest, context: grpc.ServicerContext
    ) -> pb.GetQuarantinedResponse:
        """See nodes.services.candidates.candidates_of."""
        operator(context, VIEW)
        node = _named(request.node)
        if node.status != NodeStatus.QUARANTINED:
            raise Conflict(f"Node {node.pk} ({node}) is {node.status}, and not in quarantine.")
        return pb.GetQuarantinedResponse(node=_waiting(node, candidates_of(nodes=[node])[node.pk]))

    def MergeNode(
        self, request: pb.MergeNodeRequest, context: grpc.ServicerContext
    ) -> pb.MergeNodeResponse:
        """See nodes.services.desk.node_merge."""
        actor = operator(context, CHANGE).get_username()
        into = _named(request.into)
        node_merge(
            node=_named(request.node),
            into=into,
            actor=actor,
            note=request.note[:MAX_NOTE],
            confirmed=request.confirmed,
        )
        return pb.MergeNodeResponse(node=_now(into))

    def OwnNode(
        self, request: pb.OwnNodeRequest, context: grpc.ServicerContext
    ) -> pb.OwnNodeResponse:
        """See nodes.services.desk.node_own."""
        actor = operator(context, CHANGE).get_username()
        node = _named(request.node)
        node_own(node=node, actor=actor, note=request.note[:MAX_NOTE])
        return pb.OwnNodeResponse(node=_now(node))

    def RejectNode(
        self, request: pb.RejectNodeRequest, context: grpc.ServicerContext
    ) -> pb.RejectNodeResponse:
        """See nodes.services.desk.node_reject."""
        actor = operator(context, CHANGE).get_username()
        node = _named(request.node)
        node_reject(node=node, actor=actor, note=request.note[:MAX_NOTE])
        return pb.RejectNodeResponse(node=_now(node))

    def UndecideNode(
        self, request: pb.UndecideNodeRequest, context: grpc.ServicerContext
    ) -> pb.UndecideNodeResponse:
        """See nodes.services.desk.node_undecide."""
        actor = operator(context, CHANGE).get_username()
        node = _named(request.node)
        node_undecide(node=node, actor=actor, note=request.note[:MAX_NOTE])
        return pb.UndecideNodeResponse(node=_now(node))


def _named(name: str) -> Node:
    return node_find(name=name[:MAX_QUERY])


def _now(node: Node) -> nodes_pb2.NodeSummary:
    return messages.summary(node_find(name=str(node.pk)))


def _waiting(node: Node, candidates: list[Candidate]) -> pb.QuarantinedNode:
    return pb.QuarantinedNode(
        node=messages.summary(node),
        candidates=map(_candidate, candidates),
        clashes_with=str(node.clashes_with_id or ""),
    )


def _candidate(candidate: Candidate) -> pb.IdentityCandidate:
    verdict = candidate.verdict
    return pb.IdentityCandidate(
        node=messages.summary(candidate.node),
        score=verdict.score,
        same=verdict.same,
        signs=[pb.IdentitySign(weight=sign.weight, words=sign.words) for sign in verdict.signs],
        may_merge=candidate.may_merge,
    )
