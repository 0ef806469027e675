"""bearman.v1.RoundUpService: what came of a batch of machines."""

from datetime import UTC, datetime

import grpc
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from bearman.lib.errors import Invalid
from grpc_server.caller import operator
from grpc_server.messages import status_out
from nodes.roundup import Reason, RoundUp, Stop, round_up, span_of
from protos.bearman.v1 import roundup_pb2 as pb
from protos.bearman.v1 import roundup_pb2_grpc

VIEW = "nodes.view_node"


class RoundUpServicer(roundup_pb2_grpc.RoundUpServiceServicer):
    """Each method is documented in protos/bearman/v1/roundup.proto."""

    def RoundUp(
        self, request: pb.RoundUpRequest, context: grpc.ServicerContext
    ) -> pb.RoundUpResponse:
        """See nodes.roundup.round_up."""
        operator(context, VIEW)
        span = span_of(
            hours=request.hours, since=_moment(request, "since"), until=_moment(request, "until")
        )
        return _answer(round_up(span))


def _moment(request: Message, name: str) -> datetime | None:
    if not request.HasField(name):
        return None
    try:
        moment: datetime = getattr(request, name).ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid(f"`{name}` is no time.") from error
    return moment


def _answer(found: RoundUp) -> pb.RoundUpResponse:
    return pb.RoundUpResponse(
        since=_stamp(found.span.since),
        until=_stamp(found.span.until),
        registered=found.registered,
        failed=found.failed,
        quarantined=found.quarantined,
        registering=found.registering,
        missing=found.missing,
        failed_before=found.failed_before,
        nameless=found.nameless,
        reasons=map(_reason, found.reasons),
        stops=map(_stop, found.stops),
        more=found.more,
    )


def _reason(reason: Reason) -> pb.RoundUpReason:
    return pb.RoundUpReason(
        issue=reason.issue, title=reason.title, advice=reason.advice, count=reason.count
    )


def _stop(stop: Stop) -> pb.RoundUpStop:
    node = stop.node
    bmc = getattr(node, "bmc", None)
    return pb.RoundUpStop(
        zone=stop.zone,
        rack=stop.rack,
        unit=stop.unit or 0,
        node_id=str(node.pk) if node else "",
        machine=stop.machine,
        serial=stop.serial,
        status=status_out(node.status) if node else status_out(""),
        issue=stop.issue,
        reason=stop.reason,
        advice=stop.advice,
        address=(node.address or "") if node else "",
        identify=bool(bmc and bmc.identify_on),
    )


def _stamp(moment: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp
