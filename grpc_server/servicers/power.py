"""bearman.v1.PowerService: machines on and off, for operators."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from bearman.lib.errors import Invalid, NotFound
from grpc_server.caller import operator
from nodes.models import Node, PowerRequest
from nodes.power import PowerAction, PowerResult
from nodes.selectors import MAX_QUERY, node_find, power_batch
from nodes.services.power import MAX_NODES, power_ask
from protos.bearman.v1 import power_pb2 as pb
from protos.bearman.v1 import power_pb2_grpc

VIEW, CHANGE = "nodes.view_node", "nodes.change_node"

_ACTIONS = {pb.PowerAction.Value(f"POWER_ACTION_{action.name}"): action for action in PowerAction}
_NUMBERS = {action: number for number, action in _ACTIONS.items()}
_RESULTS = {result: pb.PowerResult.Value(f"POWER_RESULT_{result.name}") for result in PowerResult}


class PowerServicer(power_pb2_grpc.PowerServiceServicer):
    """Each method is documented in protos/bearman/v1/power.proto."""

    def RequestPower(
        self, request: pb.RequestPowerRequest, context: grpc.ServicerContext
    ) -> pb.RequestPowerResponse:
        """See nodes.services.power.power_ask."""
        user = operator(context, CHANGE)
        action = _ACTIONS.get(request.action)
        if action is None:
            raise Invalid("`action` is not one of the protocol's.")
        batch = power_ask(
            nodes=_named(request.nodes),
            action=action,
            actor=user.get_username(),
            confirmed=request.confirmed,
            request_id=_uuid(request.request_id) if request.request_id else None,
        )
        return pb.RequestPowerResponse(batch_id=str(batch))

    def GetPowerBatch(
        self, request: pb.GetPowerBatchRequest, context: grpc.ServicerContext
    ) -> pb.GetPowerBatchResponse:
        """See nodes.selectors.power_batch."""
        operator(context, VIEW)
        try:
            found = power_batch(batch=_uuid(request.batch_id))
        except Invalid as error:
            raise NotFound("There is no power request of that name.") from error
        return pb.GetPowerBatchResponse(
            action=_NUMBERS[found.action],
            actor=found.actor,
            items=map(_item, found.rows),
            finished=found.finished,
        )


def _named(names: Iterable[str]) -> list[Node]:
    asked = list(names)
    if len(asked) > MAX_NODES:
        raise Invalid(f"At most {MAX_NODES} nodes can be named at once.")
    return [node_find(name=name[:MAX_QUERY]) for name in asked]


def _uuid(text: str) -> UUID:
    try:
        return UUID(text[:100])
    except ValueError as error:
        raise Invalid("`request_id` is not a UUID.") from error


def _item(row: PowerRequest) -> pb.PowerItem:
    bmc = getattr(row.node, "bmc", None)
    return pb.PowerItem(
        node_id=str(row.node_id),
        node_label=str(row.node),
        result=_RESULTS[PowerResult(row.result)],
        message=row.message,
        advice=row.advice,
        power=bmc.power if bmc else "",
        ended_at=_time(row.ended_at) if row.ended_at else None,
    )


def _time(moment: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp
