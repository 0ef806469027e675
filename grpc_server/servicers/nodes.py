"""bearman.v1.NodeService: what operators ask about machines."""

import threading
import time
from collections.abc import Iterator

import grpc

from bearman.lib.errors import Invalid, PoolExhausted
from grpc_server import messages
from grpc_server.caller import operator
from grpc_server.paging import DEFAULT_PAGE, MAX_PAGE, page_token
from nodes import selectors
from nodes.models import Node
from nodes.selectors import NodeFilter
from protos.bearman.v1 import nodes_pb2 as pb
from protos.bearman.v1 import nodes_pb2_grpc

VIEW = "nodes.view_node"
EVENTS_SHOWN = 50
WATCH_PAUSE_SECONDS = 0.5
MAX_WATCHED_NODES = 1000
REMEMBERED_EVENTS = 5000  # more than happen within selectors.LATE_EVENTS


class NodeServicer(nodes_pb2_grpc.NodeServiceServicer):
    """Each method is documented in protos/bearman/v1/nodes.proto."""

    def __init__(self, max_watchers: int) -> None:
        """Take at most `max_watchers` streams at once: each one holds a thread."""
        self._watchers = threading.BoundedSemaphore(max_watchers)

    def ListNodes(
        self, request: pb.ListNodesRequest, context: grpc.ServicerContext
    ) -> pb.ListNodesResponse:
        """List nodes, newest first; the page token is the id of the last row."""
        operator(context, VIEW)
        size = min(request.page_size or DEFAULT_PAGE, MAX_PAGE)
        before = page_token(request.page_token)
        nodes = selectors.nodes_list(wanted=_filter(request), before_id=before, limit=size + 1)
        more = str(nodes[size - 1].pk) if len(nodes) > size else ""
        return pb.ListNodesResponse(nodes=map(messages.summary, nodes[:size]), next_page_token=more)

    def GetNode(
        self, request: pb.GetNodeRequest, context: grpc.ServicerContext
    ) -> pb.GetNodeResponse:
        """Get one node by whatever a person may call it."""
        operator(context, VIEW)
        return _whole(selectors.node_find(name=request.node[: selectors.MAX_QUERY]))

    def WatchNodes(
        self, request: pb.WatchNodesRequest, context: grpc.ServicerContext
    ) -> Iterator[pb.WatchNodesResponse]:
        """Send events as they happen, until the caller hangs up."""
        operator(context, VIEW)
        if len(request.nodes) > MAX_WATCHED_NODES:
            raise Invalid(f"At most {MAX_WATCHED_NODES} nodes can be named in one watch.")
        ids = [selectors.node_find(name=name).pk for name in request.nodes]
        if not self._watchers.acquire(blocking=False):
            raise PoolExhausted("Too many watches are open here.", advice="Close one of them.")
        try:
            yield from _follow(ids, request.after_event, context)
        finally:
            self._watchers.release()


def _follow(
    ids: list[int], after: int, context: grpc.ServicerContext
) -> Iterator[pb.WatchNodesResponse]:
    last = after or selectors.latest_event_id()
    # Whoever is cut off before the first event can still go on from here.
    context.send_initial_metadata((("bearman-last-event", str(last)),))
    sent = dict.fromkeys(sorted(selectors.recent_event_ids(up_to=last)))
    while context.is_active():
        events = selectors.events_after(event_id=last, node_ids=ids, skip=set(sent))
        for row in events:
            yield pb.WatchNodesResponse(node=messages.summary(row.node), event=messages.event(row))
            last = max(last, row.pk)
            sent[row.pk] = None
        for number in list(sent)[:-REMEMBERED_EVENTS]:
            del sent[number]
        if not events:
            time.sleep(WATCH_PAUSE_SECONDS)


def _filter(request: pb.ListNodesRequest) -> NodeFilter:
    statuses = [messages.status_in(number) for number in request.statuses]
    known = [status for status in statuses if status is not None]
    if len(known) < len(statuses):
        raise Invalid("`statuses` has a number that is no status.")
    return NodeFilter(
        statuses=known,
        zone=request.zone,
        flavor=request.flavor,
        rack=request.rack.strip(),
        query=request.query.strip(),
    )


def _whole(node: Node) -> pb.GetNodeResponse:
    return pb.GetNodeResponse(
        node=messages.summary(node),
        interfaces=map(messages.interface, node.interfaces.all()),
        disks=map(messages.disk, node.disks.all()),
        memory_modules=map(messages.memory_module, node.memory_modules.all()),
        processors=map(messages.processor, node.processors.all()),
        events=map(messages.event, selectors.node_events(node_id=node.pk, limit=EVENTS_SHOWN)),
        warnings=node.warnings,
        findings=map(messages.finding, selectors.node_findings(node_id=node.pk)),
        bios_version=node.bios_version,
        memory_bytes=node.memory_bytes,
    )
